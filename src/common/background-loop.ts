import { rootOf, type Logger } from './logger.js';

interface BackgroundLoopOptions {
  name: string;
  logger: Logger;
  /** The longest time between two rounds when nobody nudges, in ms. */
  sweepMs: number;
  /** One round; what it throws is logged, and the next round comes after a pause. */
  round: (signal: AbortSignal) => Promise<void>;
}

/** How a loop that was started is doing. */
export interface LoopState {
  name: string;
  /** Since when its round is under way, on `performance.now()`. */
  roundSinceMs: number | undefined;
  /** On end, up to now. */
  failures: number;
  lastFailure: string | undefined;
}

/** An application has one log: what writes into it is its own, also where tests run several in one process. */
const loops = new WeakMap<Logger, Set<BackgroundLoop>>();

/** The loops of this log's application that were started and not stopped. */
export function runningLoops(logger: Logger): LoopState[] {
  return [...(loops.get(rootOf(logger)) ?? [])].map(({ state }) => state);
}

/**
 * A piece of work repeated until it is stopped: at once when nudged, else every `sweepMs`. Rounds never overlap,
 * a nudge during a round causes exactly one more, and stop waits for the round in flight.
 */
export class BackgroundLoop {
  private readonly abort = new AbortController();
  private running: Promise<void> | undefined;
  private nudged = false;
  private wake: (() => void) | undefined;
  private readonly now: Omit<LoopState, 'name'> = { roundSinceMs: undefined, failures: 0, lastFailure: undefined };

  constructor(private readonly options: BackgroundLoopOptions) {}

  get state(): LoopState {
    return { name: this.options.name, ...this.now };
  }

  start(): void {
    if (this.running) return;
    const root = rootOf(this.options.logger);
    loops.set(root, (loops.get(root) ?? new Set()).add(this));
    this.running = this.run();
  }

  nudge(): void {
    this.nudged = true;
    this.wake?.();
  }

  async stop(): Promise<void> {
    loops.get(rootOf(this.options.logger))?.delete(this);
    this.abort.abort();
    this.wake?.();
    await this.running;
  }

  private async run(): Promise<void> {
    const { name, logger, round } = this.options;
    const { now } = this;
    while (!this.abort.signal.aborted) {
      this.nudged = false;
      try {
        now.roundSinceMs = performance.now();
        await round(this.abort.signal);
        if (now.failures > 0) logger.info({ loop: name, failures: now.failures }, 'loop recovered');
        now.failures = 0;
      } catch (error) {
        if (this.abort.signal.aborted) return;
        now.failures += 1;
        now.lastFailure = (error as Error).message;
        // The first failure and then every tenth: an outage of an hour is a page of log, not a disk of it.
        if (now.failures % 10 === 1) {
          logger.error({ err: error, loop: name, failures: now.failures }, 'loop round failed');
        }
      } finally {
        now.roundSinceMs = undefined;
      }
      await this.pause(now.failures);
    }
  }

  private pause(failures: number): Promise<void> {
    if (this.abort.signal.aborted || (this.nudged && failures === 0)) return Promise.resolve();
    const pauseMs = failures === 0 ? this.options.sweepMs : Math.min(5_000, 100 * 2 ** Math.min(failures, 6));
    return new Promise((resolve) => {
      const timer = setTimeout(done, pauseMs);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      // A nudge cuts the pause short, but not the back-off after a failure.
      this.wake = () => {
        if (failures === 0 || this.abort.signal.aborted) done();
      };
    });
  }
}
