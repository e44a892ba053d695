import { setMaxListeners } from 'node:events';
import type { Logger } from '../../common/index.js';
import { LostClaimError, type Claim } from '../tasks/task-claims.repository.js';
import { askItems } from './ask-items.js';
import { logItems } from './log-items.js';
import type { RunContext } from './run-context.js';
import { scoreItems } from './score-items.js';
import { TaskFailure } from './task-failure.js';
import { untilScorerIsBack } from './until-scorer-is-back.js';

/** Why a run ends before its work is done. */
export type HaltReason = 'paused' | 'stopping' | 'cancelled' | 'lost' | TaskFailure | Error;

/** What is under way may end by itself for so long, in ms; then it is broken off, and its items are asked again. */
const GRACE_MS = { paused: 30_000, stopping: 2_000, cancelled: 0, lost: 0, failed: 30_000 };

/** Opens what a run needs; throws TaskFailure where it cannot be had. */
export type OpenRun = (run: Pick<RunContext, 'halt' | 'abort' | 'fail'>) => Promise<RunContext>;

/** What becomes of the task at the end of a run. */
export interface RunEnds {
  complete: () => Promise<void>;
  fail: (failure: TaskFailure) => Promise<void>;
  cancel: () => Promise<void>;
  /** Others may go on with it: at once, or after a while. */
  release: (afterMs?: number) => Promise<void>;
  /** Checks that what scored the task so far is what scores it now. */
  noteScorer: (run: RunContext, revision: string) => Promise<void>;
}

const AFTER_FAULT_MS = 10_000;

/**
 * One claim of a task, from taking it up to its end or to giving it back: asking, scoring and logging side by side, each
 * reading from the rows where it stands. All that it holds in memory may be lost at any moment.
 */
export class TaskRun {
  private readonly halting = new AbortController();
  private readonly aborting = new AbortController();
  private reason: HaltReason | undefined;
  private timer: NodeJS.Timeout | undefined;
  private deadline: NodeJS.Timeout | undefined;

  constructor(
    readonly claim: Claim,
    private readonly open: OpenRun,
    private readonly ends: RunEnds,
    private readonly logger: Logger,
  ) {
    // Each lane of the pool listens: fifty are no leak.
    setMaxListeners(0, this.halting.signal, this.aborting.signal);
  }

  /** The claim counts as lost after so long, unless it is renewed: a database that is silent would not tell. */
  renewedFor(ms: number): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.halt('lost'), ms).unref();
  }

  /** The first reason counts, but that the claim is lost, which forbids everything else. */
  halt(reason: HaltReason): void {
    if (this.reason === 'lost' || (this.reason !== undefined && reason !== 'lost' && reason !== 'stopping')) return;
    if (reason !== 'stopping' || this.reason === undefined) this.reason = reason;
    this.halting.abort();
    clearTimeout(this.timer);
    const graceMs = GRACE_MS[reason instanceof Error ? 'failed' : reason];
    this.timer = setTimeout(() => this.aborting.abort(new Error('the run is over')), graceMs);
  }

  /** Never throws. */
  async run(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.fail(error);
    }
    clearTimeout(this.timer);
    this.aborting.abort(new Error('the run is over'));
    await this.settle().catch((error: unknown) => this.noteFault(error));
    clearTimeout(this.deadline);
  }

  private async work(): Promise<void> {
    if (this.halting.signal.aborted) return;
    const signals = { halt: this.halting.signal, abort: this.aborting.signal };
    const run = await this.open({ ...signals, fail: (error) => this.fail(error) });
    try {
      const revision = await untilScorerIsBack(run, () => this.prepareScorer(run));
      if (revision === undefined) return;
      await this.ends.noteScorer(run, revision);
      await this.workThrough(run);
    } finally {
      await Promise.allSettled([run.target.close(), run.scorer.close()]);
    }
  }

  private async prepareScorer(run: RunContext): Promise<string> {
    const { revision } = await run.scorer.describe();
    await run.checkScorer();
    return revision;
  }

  /** Each of the three ends after the one before it; a failure of one halts all. */
  private async workThrough(run: RunContext): Promise<void> {
    const asked = new AbortController();
    const ended = new AbortController();
    const step = (work: Promise<void>, done?: AbortController) =>
      work.catch((error: unknown) => this.fail(error)).finally(() => done?.abort());
    await Promise.all([
      step(askItems(run), asked),
      step(scoreItems(run, asked.signal), ended),
      step(logItems(run, ended.signal)),
    ]);
    await run.writer.flush();
  }

  private fail(error: unknown): void {
    if (error instanceof LostClaimError) return this.halt('lost');
    // What was broken off fails as told.
    if (this.aborting.signal.aborted) return;
    this.halt(error instanceof Error ? error : new Error(String(error)));
  }

  private async settle(): Promise<void> {
    try {
      await this.settleAs(this.reason);
    } catch (error) {
      if (!(error instanceof TaskFailure)) throw error;
      await this.ends.fail(error);
    }
  }

  private settleAs(reason: HaltReason | undefined): Promise<void> {
    if (reason === undefined) return this.ends.complete();
    if (reason === 'cancelled') return this.ends.cancel();
    // Given back where it only seemed lost: does nothing once another has claimed it.
    if (reason === 'paused' || reason === 'stopping' || reason === 'lost') return this.ends.release();
    if (reason instanceof TaskFailure) return this.ends.fail(reason);
    this.noteFault(reason);
    return this.ends.release(AFTER_FAULT_MS);
  }

  private noteFault(error: unknown): void {
    if (error instanceof LostClaimError) return;
    this.logger.error(
      { err: error, taskId: this.claim.taskId },
      'a run of an evaluation broke; it will be taken up again',
    );
  }
}
