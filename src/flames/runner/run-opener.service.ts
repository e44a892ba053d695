import { Inject, Injectable } from '@nestjs/common';
import { AppError, Clock, LOGGER, type Logger } from '../../common/index.js';
import { TaskLogsService } from '../logs/task-logs.service.js';
import { SCORERS, type Scorers } from '../scoring/scorer.js';
import { CHAT_TARGETS, type ChatTargets } from '../targets/chat-target.js';
import { LimiterRegistry } from '../targets/limiter-registry.js';
import { FlamesItemsRepository } from '../tasks/flames-items.repository.js';
import type { FlamesTaskRecord } from '../tasks/flames-task.js';
import { FlamesTasksRepository } from '../tasks/flames-tasks.repository.js';
import { TaskClaimsRepository, type Claim } from '../tasks/task-claims.repository.js';
import { TaskKeysService, type TaskKeys } from '../tasks/task-keys.service.js';
import { Budget, BudgetedTarget } from './budget.js';
import { ItemWriter } from './item-writer.js';
import type { RunContext } from './run-context.js';
import { SCORER_PAUSES } from './scorer-pauses.js';
import { TaskFailure } from './task-failure.js';

type Signals = Pick<RunContext, 'halt' | 'abort' | 'fail'>;

/** Opens all that one run of a task needs: its keys, the model, the scorer, its writer. */
@Injectable()
export class RunOpenerService {
  /** Of every run that it opens from now on; tests shorten them. */
  pauses = SCORER_PAUSES;

  constructor(
    @Inject(CHAT_TARGETS) private readonly targets: ChatTargets,
    @Inject(SCORERS) private readonly scorers: Scorers,
    private readonly limiters: LimiterRegistry,
    private readonly tasks: FlamesTasksRepository,
    private readonly items: FlamesItemsRepository,
    private readonly claims: TaskClaimsRepository,
    private readonly keys: TaskKeysService,
    private readonly logs: TaskLogsService,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  budgetOf({ config, callsUsed, tokensUsed }: FlamesTaskRecord): Budget {
    return new Budget(config!.budget, { calls: callsUsed, tokens: Number(tokensUsed) });
  }

  /** Throws TaskFailure where the settings or the secrets of today no longer fit the task. */
  async open(claim: Claim, task: FlamesTaskRecord, budget: Budget, signals: Signals): Promise<RunContext> {
    const config = task.config!;
    const keys = await this.openKeys(claim.taskId);
    const { items, claims, logs, clock, logger } = this;
    const writer = new ItemWriter({ claim, claims, items, budget, clock, signal: signals.abort });
    await writer.open();
    const { target, scorer, limiter } = this.connect(task, keys);
    const checkScorer = () => this.scorers.check(scorer, signals.abort);
    const budgeted = new BudgetedTarget(target, budget);
    return {
      ...signals,
      claim,
      config,
      target: budgeted,
      scorer,
      checkScorer,
      pauses: this.pauses,
      limiter,
      writer,
      items,
      claims,
      logs,
      clock,
      logger,
    };
  }

  private async openKeys(taskId: string): Promise<TaskKeys> {
    const sealed = await this.tasks.findKeys(taskId);
    if (!sealed) throw new TaskFailure('KEY_UNREADABLE', 'The key of this task is gone; start it anew.');
    try {
      return this.keys.open(taskId, sealed);
    } catch (error) {
      throw new TaskFailure('KEY_UNREADABLE', `${(error as Error).message} Start the task anew.`, { cause: error });
    }
  }

  private connect(task: FlamesTaskRecord, { apiKey, scorerKey }: TaskKeys) {
    const { apiSite, concurrency, scorer } = task.config!;
    try {
      return {
        target: this.targets.open({ apiSite, apiKey }),
        limiter: this.limiters.of(apiSite, apiKey, concurrency),
        scorer: this.scorers.open(scorer, scorerKey),
      };
    } catch (error) {
      // Allowed when the task was made, and not any more.
      if (error instanceof AppError) throw new TaskFailure('CANNOT_START', error.message, { cause: error });
      throw error;
    }
  }
}
