import type { Logger } from './logger.js';

interface BackgroundLoopOptions {
  name: string;
  logger: Logger;
  /** The longest time between two rounds when nobody nudges, in ms. */
  sweepMs: number;
  /** One round; what it throws is logged, and the next round comes after a pause. */
  round: (signal: AbortSignal) => Promise<void>;
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

  constructor(private readonly options: BackgroundLoopOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  nudge(): void {
    this.nudged = true;
    this.wake?.();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    this.wake?.();
    await this.running;
  }

  private async run(): Promise<void> {
    const { name, logger, round } = this.options;
    let failures = 0;
    while (!this.abort.signal.aborted) {
      this.nudged = false;
      try {
        await round(this.abort.signal);
        if (failures > 0) logger.info({ loop: name, failures }, 'loop recovered');
        failures = 0;
      } catch (error) {
        if (this.abort.signal.aborted) return;
        failures += 1;
        // The first failure and then every tenth: an outage of an hour is a page of log, not a disk of it.
        if (failures % 10 === 1) logger.error({ err: error, loop: name, failures }, 'loop round failed');
      }
      await this.pause(failures);
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
