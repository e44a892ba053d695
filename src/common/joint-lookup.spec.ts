import { JointLookup } from './joint-lookup.js';

describe('JointLookup', () => {
  it('asks once for what is asked for together, each key once, and tells who finds nothing', async () => {
    const asked: string[][] = [];
    const lookup = new JointLookup<number>(async (keys) => {
      asked.push(keys);
      return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.length]));
    });
    const answers = await Promise.all(['a', 'bb', 'none', 'a'].map((key) => lookup.find(key)));
    expect(asked).toEqual([['a', 'bb', 'none']]);
    expect(answers).toEqual([1, 2, undefined, 1]);
  });

  it('keeps nothing: what is asked for later is read anew', async () => {
    let value = 1;
    const lookup = new JointLookup<number>(async (keys) => new Map(keys.map((key) => [key, value])));
    expect(await lookup.find('a')).toBe(1);
    value = 2;
    expect(await lookup.find('a')).toBe(2);
  });

  it('fails for those who asked, and for nobody after them', async () => {
    let isAway = true;
    const lookup = new JointLookup<number>(async (keys) => {
      if (isAway) throw new Error('away');
      return new Map(keys.map((key) => [key, 1]));
    });
    await expect(Promise.all([lookup.find('a'), lookup.find('b')])).rejects.toThrow('away');
    isAway = false;
    expect(await lookup.find('a')).toBe(1);
  });
});
