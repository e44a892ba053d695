import { FlamesEventTokensService } from '../progress/event-tokens.service.js';
import { ProgressController } from '../progress/progress.controller.js';
import { ProgressService } from '../progress/progress.service.js';
import { FlamesRunnerService } from '../runner/flames-runner.service.js';
import { RunOpenerService } from '../runner/run-opener.service.js';
import { TaskEndsService } from '../runner/task-ends.service.js';
import { FlamesItemsRepository } from './flames-items.repository.js';
import { FlamesResultsRepository } from './flames-results.repository.js';
import { FlamesTasksController } from './flames-tasks.controller.js';
import { FlamesTasksRepository } from './flames-tasks.repository.js';
import { FlamesTasksService } from './flames-tasks.service.js';
import { PreflightService } from './preflight.service.js';
import { TaskClaimsRepository } from './task-claims.repository.js';
import { TaskKeysService } from './task-keys.service.js';
import { TaskPlansService } from './task-plans.service.js';

/** Tasks, their runner and their progress, as the module takes them in. */

export const TASK_CONTROLLERS = [FlamesTasksController, ProgressController];

export const TASK_PROVIDERS = [
  FlamesEventTokensService,
  FlamesItemsRepository,
  FlamesResultsRepository,
  FlamesRunnerService,
  FlamesTasksRepository,
  FlamesTasksService,
  PreflightService,
  ProgressService,
  RunOpenerService,
  TaskClaimsRepository,
  TaskEndsService,
  TaskKeysService,
  TaskPlansService,
];

export const TASK_EXPORTS = [FlamesRunnerService, FlamesTasksService];
