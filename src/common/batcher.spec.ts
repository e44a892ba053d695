import { Batcher } from './batcher.js';

const fine = <T>(value: T): PromiseSettledResult<T> => ({ status: 'fulfilled', value });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Batcher', () => {
  it('does together what is asked for together, and answers each on its own', async () => {
    const batches: number[][] = [];
    const batcher = new Batcher<number, number>({
      most: 3,
      lanes: 1,
      work: async (items) => {
        batches.push(items);
        return items.map((item) => (item === 2 ? { status: 'rejected', reason: new Error('two') } : fine(item * 10)));
      },
    });
    const answers = await Promise.allSettled([1, 2, 3, 4].map((item) => batcher.do(item)));
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(answers).toEqual([fine(10), { status: 'rejected', reason: new Error('two') }, fine(30), fine(40)]);
  });

  it('goes on after a batch that fails as a whole', async () => {
    let calls = 0;
    const batcher = new Batcher<number, number>({
      most: 2,
      lanes: 1,
      work: async (items) => {
        calls += 1;
        if (calls === 1) throw new Error('away');
        return items.map(fine);
      },
    });
    const answers = await Promise.allSettled([1, 2, 3].map((item) => batcher.do(item)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('has as many batches under way as it has lanes, and gathers the rest', async () => {
    const ends: (() => void)[] = [];
    const sizes: number[] = [];
    const batcher = new Batcher<number, number>({
      most: 50,
      lanes: 2,
      work: async (items) => {
        sizes.push(items.length);
        await new Promise<void>((resolve) => ends.push(resolve));
        return items.map(fine);
      },
    });
    const answers: Promise<number>[] = [];
    for (let item = 0; item < 6; item += 1) {
      answers.push(batcher.do(item));
      await turn();
    }
    expect(sizes).toEqual([1, 1]);
    ends[0]!();
    await answers[0];
    await turn();
    expect(sizes).toEqual([1, 1, 4]);
    for (const end of ends) end();
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('frees the lane for the next batch while an answer is still to come', async () => {
    let end: (value: number) => void = () => undefined;
    const late = new Promise<number>((resolve) => (end = resolve));
    const batcher = new Batcher<number, number>({
      most: 1,
      lanes: 1,
      work: async ([item]) => [{ status: 'fulfilled', value: item === 1 ? late : item! }],
    });
    const first = batcher.do(1);
    expect(await batcher.do(2)).toBe(2);
    end(10);
    expect(await first).toBe(10);
  });

  it('tells those at once who would wait behind too many', async () => {
    const ends: (() => void)[] = [];
    const batcher = new Batcher<number, number>({
      most: 2,
      lanes: 1,
      mostWaiting: 2,
      work: async (items) => {
        await new Promise<void>((resolve) => ends.push(resolve));
        return items.map(fine);
      },
    });
    const taken = [batcher.do(1)];
    await turn();
    taken.push(batcher.do(2), batcher.do(3));
    await expect(batcher.do(4)).rejects.toMatchObject({ kind: 'unavailable', code: 'TOO_BUSY' });
    ends.shift()!();
    await taken[0];
    await turn();
    ends.shift()!();
    expect(await Promise.all(taken)).toEqual([1, 2, 3]);
  });
});
