import { slidingPool } from './sliding-pool.js';

/** Latencies from 50 to 500 ms in no order, the same each time. */
const LATENCIES = Array.from({ length: 400 }, (_, index) => 50 + ((index * 7_919) % 451));
const never = new AbortController().signal;

function source<T>(items: T[]): () => Promise<T | undefined> {
  const left = [...items];
  return async () => left.shift();
}

/** Time that goes on only when everybody waits, straight to the next who has waited long enough. */
class Timeline {
  private nowMs = 0;
  private readonly waiting: { untilMs: number; end: () => void }[] = [];

  readonly wait = (ms: number) => new Promise<void>((end) => void this.waiting.push({ untilMs: this.nowMs + ms, end }));

  /** How long the work takes; throws what it throws. */
  async measure(work: Promise<void>): Promise<number> {
    let isDone = false;
    work.then(
      () => (isDone = true),
      () => (isDone = true),
    );
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone) break;
      const [next] = this.waiting.sort((a, b) => a.untilMs - b.untilMs).splice(0, 1);
      this.nowMs = next!.untilMs;
      next!.end();
    }
    await work;
    return this.nowMs;
  }
}

describe('slidingPool', () => {
  let time: Timeline;

  beforeEach(() => (time = new Timeline()));

  it.each([1, 5, 20, 50])(
    'of %i lanes takes no longer than the work shared evenly, but for the last ones',
    async (width) => {
      let done = 0;
      const work = async (ms: number) => {
        await time.wait(ms);
        done += 1;
      };
      const tookMs = await time.measure(slidingPool({ width, next: source(LATENCIES), work, halt: never }));
      const evenMs = LATENCIES.reduce((sum, ms) => sum + ms, 0) / width;
      expect(done).toBe(LATENCIES.length);
      expect(tookMs).toBeLessThanOrEqual(evenMs + 500);
      // Waiting for the slowest of each batch would take 500 ms a batch.
      if (width > 1) expect(tookMs).toBeLessThan((LATENCIES.length / width) * 500 * 0.8);
    },
  );

  it('begins nothing more once it is halted, and waits for what is at work', async () => {
    const halting = new AbortController();
    const ended: number[] = [];
    const work = async (item: number) => {
      if (item === 3) halting.abort();
      await time.wait(100);
      ended.push(item);
    };
    await time.measure(slidingPool({ width: 2, next: source([1, 2, 3, 4, 5, 6]), work, halt: halting.signal }));
    expect(ended).toEqual([1, 2, 3]);
  });

  it('tells of the first failure at once, lets the others end, and throws it', async () => {
    const told: unknown[] = [];
    const ended: number[] = [];
    const work = async (item: number) => {
      await time.wait(item * 100);
      if (item === 1) throw new Error('one');
      ended.push(item);
    };
    const options = { width: 3, next: source([1, 2, 3, 4]), work, halt: never };
    await expect(time.measure(slidingPool({ ...options, onFailure: (error) => told.push(error) }))).rejects.toThrow(
      'one',
    );
    expect([told, ended]).toEqual([[new Error('one')], [2, 3]]);
  });

  it('never asks for two items at once', async () => {
    let asking = 0;
    let most = 0;
    const items = source([1, 2, 3, 4, 5]);
    const next = async () => {
      most = Math.max(most, (asking += 1));
      await time.wait(10);
      asking -= 1;
      return items();
    };
    await time.measure(slidingPool({ width: 4, next, work: () => time.wait(1), halt: never }));
    expect(most).toBe(1);
  });
});
