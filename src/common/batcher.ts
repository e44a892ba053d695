import { UnavailableError } from './errors.js';

interface BatcherOptions<I, O> {
  /** Items of one batch at most. */
  most: number;
  /** Batches under way at once: while one waits for the disk or a lock, the next need not. */
  lanes: number;
  /** Items that wait at most: where the work stands still, those beyond are told so at once. Without it, all wait. */
  mostWaiting?: number;
  /**
   * One answer for each item, in order; what it throws is the answer to all. An answer that is still to come is waited
   * for by its item alone: the lane is free for the next batch.
   */
  work: (items: I[]) => Promise<PromiseSettledResult<O | Promise<O>>[]>;
}

interface Waiting<I, O> {
  item: I;
  resolve: (output: O | Promise<O>) => void;
  reject: (error: unknown) => void;
}

/**
 * Does together what is asked for at about the same time: nothing waits for company, but what comes while batches are
 * under way goes with the next one. So the busier it is, the larger they are.
 */
export class Batcher<I, O> {
  private waiting: Waiting<I, O>[] = [];
  private underWay = 0;

  constructor(private readonly options: BatcherOptions<I, O>) {}

  /** Throws 503 where too many wait. */
  do(item: I): Promise<O> {
    if (this.waiting.length >= (this.options.mostWaiting ?? Infinity)) return Promise.reject(tooBusy());
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // What is asked for in the same turn of the event loop goes together.
      if (this.waiting.length === 1) setImmediate(() => this.next());
    });
  }

  private next(): void {
    const { lanes, most } = this.options;
    while (this.underWay < lanes && this.waiting.length > 0) {
      this.underWay += 1;
      void this.run(this.waiting.splice(0, most)).finally(() => {
        this.underWay -= 1;
        this.next();
      });
    }
  }

  private async run(batch: Waiting<I, O>[]): Promise<void> {
    try {
      const outcomes = await this.options.work(batch.map(({ item }) => item));
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') batch[index]!.resolve(outcome.value);
        else batch[index]!.reject(outcome.reason);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function tooBusy(): UnavailableError {
  return new UnavailableError('The service is too busy to take more; try again shortly.', 'TOO_BUSY');
}
