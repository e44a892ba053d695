import { jest } from '@jest/globals';
import { slidingPool } from './sliding-pool.js';

/** Latencies from 50 to 500 ms in no order, the same each time. */
const LATENCIES = Array.from({ length: 400 }, (_, index) => 50 + ((index * 7_919) % 451));
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const never = new AbortController().signal;

function source<T>(items: T[]): () => Promise<T | undefined> {
  const left = [...items];
  return async () => left.shift();
}

describe('slidingPool', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** Moves the clock until the work is done; returns how long that took on it. */
  async function elapsedMs(work: Promise<void>): Promise<number> {
    const startedMs = Date.now();
    let isDone = false;
    const watched = work.finally(() => (isDone = true));
    watched.catch(() => undefined);
    while (!isDone) await jest.advanceTimersByTimeAsync(1);
    await watched;
    return Date.now() - startedMs;
  }

  it.each([1, 5, 20, 50])(
    'of %i lanes takes no longer than the work shared evenly, but for the last ones',
    async (width) => {
      let done = 0;
      const work = async (ms: number) => {
        await wait(ms);
        done += 1;
      };
      const tookMs = await elapsedMs(slidingPool({ width, next: source(LATENCIES), work, halt: never }));
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
      await wait(100);
      ended.push(item);
    };
    await elapsedMs(slidingPool({ width: 2, next: source([1, 2, 3, 4, 5, 6]), work, halt: halting.signal }));
    expect(ended).toEqual([1, 2, 3]);
  });

  it('tells of the first failure at once, lets the others end, and throws it', async () => {
    const told: unknown[] = [];
    const ended: number[] = [];
    const work = async (item: number) => {
      await wait(item * 100);
      if (item === 1) throw new Error('one');
      ended.push(item);
    };
    const options = { width: 3, next: source([1, 2, 3, 4]), work, halt: never };
    await expect(elapsedMs(slidingPool({ ...options, onFailure: (error) => told.push(error) }))).rejects.toThrow('one');
    expect([told, ended]).toEqual([[new Error('one')], [2, 3]]);
  });

  it('never asks for two items at once', async () => {
    let asking = 0;
    let most = 0;
    const items = source([1, 2, 3, 4, 5]);
    const next = async () => {
      most = Math.max(most, (asking += 1));
      await wait(10);
      asking -= 1;
      return items();
    };
    await elapsedMs(slidingPool({ width: 4, next, work: () => wait(1), halt: never }));
    expect(most).toBe(1);
  });
});
