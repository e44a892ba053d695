import { UnavailableError } from '../common/index.js';
import { togetherOrAlone } from './together-or-alone.js';

async function ends(outcomes: PromiseSettledResult<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(
    outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value : Promise.reject(outcome.reason as Error),
    ),
  );
  return settled.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message));
}

describe('togetherOrAlone', () => {
  it('writes once for all, and tries that once', async () => {
    const calls: unknown[] = [];
    const outcomes = await togetherOrAlone([1, 2], async (items, how) => {
      calls.push([items, how]);
      return items.map((item) => item * 10);
    });
    expect(await ends(outcomes)).toEqual([10, 20]);
    expect(calls).toEqual([[[1, 2], { tries: 1 }]]);
  });

  it('writes each alone where one of them cannot be written, and tells that one alone', async () => {
    const outcomes = await togetherOrAlone([1, 2, 3], async (items, { tries }) => {
      if (items.includes(2)) throw new Error('two');
      expect(tries).toBeUndefined();
      return items.map((item) => item * 10);
    });
    expect(await ends(outcomes)).toEqual([10, 'two', 30]);
  });

  it('lets those that can be written end before one that waits', async () => {
    let free: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    const outcomes = await togetherOrAlone([1, 2], async (items) => {
      if (items.length > 1) throw new Error('lock wait timeout');
      if (items[0] === 1) await held;
      return items;
    });
    expect(outcomes[1]).toMatchObject({ status: 'fulfilled' });
    expect(await (outcomes[1] as PromiseFulfilledResult<unknown>).value).toBe(2);
    free();
    expect(await ends(outcomes)).toEqual([1, 2]);
  });

  it('writes nothing again while the database is away: what was written is not known', async () => {
    let writes = 0;
    const outcomes = await togetherOrAlone([1, 2], async () => {
      writes += 1;
      throw new UnavailableError('away');
    });
    expect(await ends(outcomes)).toEqual(['away', 'away']);
    expect(writes).toBe(1);
  });
});
