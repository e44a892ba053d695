import { createLogger } from './logger.js';
import { WriteBehind } from './write-behind.js';

const logger = createLogger({ level: 'silent', pretty: false });

describe('WriteBehind', () => {
  it('writes in batches, in order, and all of it before stop has ended', async () => {
    const batches: number[][] = [];
    const write = (items: number[]) => Promise.resolve(void batches.push(items));
    const notes = new WriteBehind<number>({ name: 'test', logger, write, batch: 2, everyMs: 3_600_000 });
    for (const item of [1, 2, 3, 4, 5]) notes.add(item);
    await notes.stop();
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('keeps what a failed write held, and drops what comes while it is full', async () => {
    const written: number[] = [];
    let isAway = true;
    const write = (items: number[]) => {
      if (isAway) return Promise.reject(new Error('away'));
      written.push(...items);
      return Promise.resolve();
    };
    const notes = new WriteBehind<number>({ name: 'test', logger, write, capacity: 3 });
    for (const item of [1, 2, 3, 4]) notes.add(item);
    await notes.stop();
    isAway = false;
    await notes.stop();
    expect(written).toEqual([1, 2, 3]);
  });
});
