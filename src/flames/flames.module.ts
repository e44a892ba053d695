import { Module } from '@nestjs/common';
import { flamesDataSourceOptions } from '../../ormconfig/flames.js';
import { DatabaseModule } from '../database/index.js';
import { DatasetsController } from './datasets/datasets.controller.js';
import { DatasetsRepository } from './datasets/datasets.repository.js';
import { DatasetsService } from './datasets/datasets.service.js';
import { TaskLogsService } from './logs/task-logs.service.js';
import { FlamesEventTokensService } from './progress/event-tokens.service.js';
import { ProgressController } from './progress/progress.controller.js';
import { ProgressService } from './progress/progress.service.js';
import { FlamesRunnerService } from './runner/flames-runner.service.js';
import { RunOpenerService } from './runner/run-opener.service.js';
import { TaskEndsService } from './runner/task-ends.service.js';
import { FlamesScorers } from './scoring/flames-scorers.js';
import { SCORERS } from './scoring/scorer.js';
import { CHAT_TARGETS } from './targets/chat-target.js';
import { LimiterRegistry } from './targets/limiter-registry.js';
import { OpenAiTargets } from './targets/openai-targets.js';
import { FlamesItemsRepository } from './tasks/flames-items.repository.js';
import { FlamesResultsRepository } from './tasks/flames-results.repository.js';
import { FlamesTasksController } from './tasks/flames-tasks.controller.js';
import { FlamesTasksRepository } from './tasks/flames-tasks.repository.js';
import { FlamesTasksService } from './tasks/flames-tasks.service.js';
import { PreflightService } from './tasks/preflight.service.js';
import { TaskClaimsRepository } from './tasks/task-claims.repository.js';
import { TaskKeysService } from './tasks/task-keys.service.js';
import { TaskPlansService } from './tasks/task-plans.service.js';

/** Red-team evaluation of chat models, in `redteam-dra`. */
@Module({
  imports: [DatabaseModule.bind('flames', flamesDataSourceOptions)],
  controllers: [DatasetsController, FlamesTasksController, ProgressController],
  providers: [
    DatasetsRepository,
    DatasetsService,
    FlamesEventTokensService,
    FlamesItemsRepository,
    FlamesResultsRepository,
    FlamesRunnerService,
    FlamesTasksRepository,
    FlamesTasksService,
    LimiterRegistry,
    OpenAiTargets,
    PreflightService,
    ProgressService,
    RunOpenerService,
    TaskClaimsRepository,
    TaskEndsService,
    TaskKeysService,
    TaskLogsService,
    TaskPlansService,
    { provide: CHAT_TARGETS, useExisting: OpenAiTargets },
    { provide: SCORERS, useClass: FlamesScorers },
  ],
  exports: [DatasetsService, FlamesTasksService],
})
export class FlamesModule {}
