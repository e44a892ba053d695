import { AppError, type Clock, type Logger } from '../../common/index.js';

interface StepRunnerOptions {
  clock: Clock;
  logger: Logger;
  /** Told after each step, well or not. */
  onStep: () => void;
  /** Around each step. */
  trace: (name: string, work: () => Promise<void>) => Promise<void>;
}

const LONGEST_PAUSE_MS = 30_000;

/**
 * Runs the steps of one attempt, one at a time. What a step throws is trouble that passes (node, storage,
 * database): the next one waits a growing while.
 */
export class StepRunner {
  private step: Promise<void> | undefined;
  private notBeforeMs = 0;
  /** In a row, until a step succeeds. */
  failures = 0;

  constructor(private readonly options: StepRunnerOptions) {}

  get isIdle(): boolean {
    return this.step === undefined;
  }

  get isReady(): boolean {
    return this.isIdle && this.options.clock.monotonicMs() >= this.notBeforeMs;
  }

  pause(ms: number): void {
    this.notBeforeMs = this.options.clock.monotonicMs() + ms;
  }

  /** Waits for the step under way. */
  async settled(): Promise<void> {
    await this.step;
  }

  run(name: string, work: () => Promise<void>): void {
    const before = this.step ?? Promise.resolve();
    const step = before
      .then(() => this.options.trace(name, work))
      .then(() => {
        this.failures = 0;
      })
      .catch((error: unknown) => this.onFailure(name, error))
      .finally(() => {
        if (this.step === step) this.step = undefined;
        this.options.onStep();
      });
    this.step = step;
  }

  private onFailure(name: string, error: unknown): void {
    this.failures += 1;
    this.pause(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** this.failures));
    const err = error instanceof AppError ? undefined : error;
    const { failures } = this;
    this.options.logger.warn(
      { step: name, failures, err, reason: (error as Error).message },
      'step failed; it is tried again',
    );
  }
}
