import { BackgroundLoop } from './background-loop.js';
import type { Logger } from './logger.js';

interface WriteBehindOptions<T> {
  name: string;
  logger: Logger;
  write: (items: T[]) => Promise<void>;
  /** The longest that an item waits, in ms. */
  everyMs?: number;
  /** Items in one write, and items that wait at most; what comes while so many wait is dropped and counted. */
  batch?: number;
  capacity?: number;
}

/** Takes notes that nobody waits for and writes them in batches: a slow database delays no request. */
export class WriteBehind<T> {
  private readonly waiting: T[] = [];
  private readonly batch: number;
  private readonly capacity: number;
  private readonly loop: BackgroundLoop;
  private dropped = 0;

  constructor(private readonly options: WriteBehindOptions<T>) {
    const { name, logger, everyMs = 1_000, batch = 500, capacity = 10_000 } = options;
    this.batch = batch;
    this.capacity = capacity;
    this.loop = new BackgroundLoop({ name, logger, sweepMs: everyMs, round: () => this.writeAll() });
  }

  start(): void {
    this.loop.start();
  }

  add(item: T): void {
    if (this.waiting.length >= this.capacity) this.dropped += 1;
    else this.waiting.push(item);
    if (this.waiting.length === this.batch) this.loop.nudge();
  }

  /** Ends the loop and writes the rest; what cannot be written now is lost, and the log says how much. */
  async stop(): Promise<void> {
    const { name, logger } = this.options;
    await this.loop.stop();
    await this.writeAll().catch((error: unknown) => {
      logger.error({ err: error, buffer: name, lost: this.waiting.length }, 'notes were lost at the stop');
    });
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const items = this.waiting.slice(0, this.batch);
      await this.options.write(items);
      this.waiting.splice(0, items.length);
    }
    if (this.dropped === 0) return;
    this.options.logger.warn({ buffer: this.options.name, dropped: this.dropped }, 'notes were dropped');
    this.dropped = 0;
  }
}
