import { AtMost } from './at-most.js';

describe('work of which only so much runs at once', () => {
  it('runs in the order it came, never more of it, and goes on after a failure', async () => {
    const two = new AtMost(2);
    const begun: number[] = [];
    let [running, most] = [0, 0];
    const work = async (n: number) => {
      begun.push(n);
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      if (n === 1) throw new Error('one fails');
      return n;
    };
    const ends = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => two.run(() => work(n))));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', ...Array(3).fill('fulfilled')]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
    await expect(two.run(() => work(5))).resolves.toBe(5);
  });
});
