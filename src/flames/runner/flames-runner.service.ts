import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundLoop, Clock, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Signals } from '../../live/index.js';
import { FlamesResultsRepository } from '../tasks/flames-results.repository.js';
import { FlamesTasksRepository } from '../tasks/flames-tasks.repository.js';
import { TaskClaimsRepository, type Claim, type Used } from '../tasks/task-claims.repository.js';
import type { RunContext } from './run-context.js';
import { RunOpenerService } from './run-opener.service.js';
import { TaskEndsService } from './task-ends.service.js';
import { TaskFailure } from './task-failure.js';
import { TaskRun, type RunEnds } from './task-run.js';

/** Tasks that one process works on at once; those on one key share its limit in turns. */
const MOST_TASKS = 8;

/**
 * Works on evaluations in processes with the role `dispatch`: claims tasks that wait or whose runner is gone, renews its
 * claims, and hears of pauses and cancels. Everything that a run has done is in rows, so any process may go on with it.
 */
@Injectable()
export class FlamesRunnerService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly ownerId = randomUUID();
  private readonly runs = new Map<string, { run: TaskRun; end: Promise<void> }>();
  private readonly loop: BackgroundLoop;
  private unsubscribe: (() => void) | undefined;
  private onlyTaskId: string | undefined;
  private isStopping = false;
  private renewedMs = 0;

  constructor(
    private readonly claims: TaskClaimsRepository,
    private readonly tasks: FlamesTasksRepository,
    private readonly results: FlamesResultsRepository,
    private readonly opener: RunOpenerService,
    private readonly ends: TaskEndsService,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    const { sweepMs } = settings.dispatch;
    this.loop = new BackgroundLoop({ name: 'flames runner', logger, sweepMs, round: () => this.look() });
  }

  onApplicationBootstrap(): void {
    if (this.settings.server.roles.includes('dispatch')) this.start();
  }

  /** All tasks that wait; where one is given, that one alone, as a command wants it. */
  start(onlyTaskId?: string): void {
    this.onlyTaskId = onlyTaskId;
    this.unsubscribe = this.signals.on('flames.tasks', () => this.loop.nudge());
    this.loop.start();
  }

  /** Gives back what it works on: answers under way get a moment to come in. */
  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    this.unsubscribe?.();
    // First the loop, which might just be claiming; its renewals are not missed in the moment that is left.
    await this.loop.stop();
    for (const { run } of this.runs.values()) run.halt('stopping');
    await Promise.all([...this.runs.values()].map(({ end }) => end));
  }

  private async look(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (this.runs.size === 0) this.renewedMs = nowMs;
    const isTime = nowMs - this.renewedMs >= this.settings.dispatch.leaseRenewMs;
    if (this.runs.size > 0) await this.hear(isTime ? nowMs : undefined);
    await this.claimMore();
  }

  /** Renews when it is time, and tells runs what was wished for their tasks meanwhile. */
  private async hear(renewAtMs: number | undefined): Promise<void> {
    const running = [...this.runs.values()].map(({ run }) => run);
    const taskIds = running.map(({ claim }) => claim.taskId);
    if (renewAtMs !== undefined) await this.claims.renew(this.ownerId, taskIds, this.settings.dispatch.leaseTtlMs);
    const held = new Map((await this.claims.listHeld(this.ownerId, taskIds)).map((task) => [task.taskId, task]));
    if (renewAtMs !== undefined) this.renewedMs = renewAtMs;
    for (const run of running) {
      const task = held.get(run.claim.taskId);
      if (task?.token !== run.claim.token) {
        run.halt('lost');
        continue;
      }
      if (renewAtMs !== undefined) this.keep(run, renewAtMs);
      if (task.isCancelRequested) run.halt('cancelled');
      else if (task.isPaused) run.halt('paused');
    }
  }

  /** Until the lease is over that was asked for at `sinceMs`: the answer may have been long in coming. */
  private keep(run: TaskRun, sinceMs: number): void {
    run.renewedFor(sinceMs + this.settings.dispatch.leaseTtlMs - this.clock.monotonicMs());
  }

  private async claimMore(): Promise<void> {
    if (this.isStopping || this.runs.size >= MOST_TASKS) return;
    for (const seen of await this.claims.listClaimable(MOST_TASKS - this.runs.size, this.onlyTaskId)) {
      if (this.isStopping || this.runs.has(seen.taskId)) continue;
      const sinceMs = this.clock.monotonicMs();
      const claim = await this.claims.claim(seen, this.ownerId, this.settings.dispatch.leaseTtlMs);
      if (claim) await this.begin(claim, sinceMs);
    }
  }

  private async begin(claim: Claim, sinceMs: number): Promise<void> {
    const task = await this.tasks.find(claim.taskId);
    if (!task) return;
    const budget = this.opener.budgetOf(task);
    const ends = this.endsOf(claim, () => budget.used);
    const run = new TaskRun(claim, (signals) => this.opener.open(claim, task, budget, signals), ends, this.logger);
    this.keep(run, sinceMs);
    if (task.cancelRequestedAt) run.halt('cancelled');
    else this.logger.info({ taskId: claim.taskId, token: claim.token, model: task.modelName }, 'evaluation taken up');
    const end = run.run().then(() => {
      this.runs.delete(claim.taskId);
      this.loop.nudge();
    });
    this.runs.set(claim.taskId, { run, end });
  }

  private endsOf(claim: Claim, used: () => Used): RunEnds {
    const { ends, claims, logger } = this;
    const { taskId } = claim;
    return {
      complete: async () => {
        await ends.complete(claim, used());
        logger.info({ taskId }, 'evaluation completed');
      },
      fail: async (failure) => {
        await ends.fail(claim, used(), failure);
        logger.warn({ taskId, code: failure.code, reason: failure.message }, 'evaluation failed');
      },
      cancel: () => ends.cancel(claim, used()),
      release: (afterMs) => claims.release(claim, used(), afterMs),
      noteScorer: (run, revision) => this.noteScorer(run, revision, used()),
    };
  }

  /** Labels of two revisions in one result would mean nothing. */
  private async noteScorer({ claim, claims, scorer }: RunContext, revision: string, used: Used): Promise<void> {
    const now = { scorer: scorer.name, revision };
    const noted = await claims.transaction(async (transaction) => {
      await claims.fence(transaction, claim, used);
      return this.results.noteScorer(transaction, claim.taskId, now);
    });
    if (noted.scorer === now.scorer.slice(0, 100) && noted.revision === revision.slice(0, 100)) return;
    const before = `${noted.scorer} ${noted.revision}`;
    const message = `This task was scored by ${before} so far, and the scorer is ${scorer.name} ${revision} now. Start it anew.`;
    throw new TaskFailure('SCORER_CHANGED', message);
  }
}
