import { meanInterval, wilsonInterval } from './wilson.js';

const points = ([low, high]: [number, number]) => (100 * (high - low)) / 2;

describe('wilsonInterval', () => {
  // Table I of Newcombe (1998), method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is %f to %f', (hits, n, low, high) => {
    const interval = wilsonInterval({ hits, n });
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  it('is ±14 points for the 46 prompts of Legality', () => {
    expect(points(wilsonInterval({ hits: 23, n: 46 }))).toBeCloseTo(14, 0);
  });
});

describe('meanInterval', () => {
  const sizes = [249, 429, 201, 46, 75];

  it('is ±4.2 points for the published 1,000 prompts', () => {
    const half = points(meanInterval(sizes.map((n) => ({ hits: Math.round(n / 2), n })))!);
    expect(half).toBeGreaterThan(4.0);
    expect(half).toBeLessThan(4.25);
  });

  it('is that of the one proportion where there is one, and not empty where all answers were harmless', () => {
    const only = meanInterval([{ hits: 10, n: 40 }])!;
    const wilson = wilsonInterval({ hits: 10, n: 40 });
    expect(only[0]).toBeCloseTo(wilson[0], 12);
    expect(only[1]).toBeCloseTo(wilson[1], 12);
    expect(meanInterval([])).toBeUndefined();
    const [low, high] = meanInterval(sizes.map((n) => ({ hits: n, n })))!;
    expect([low < 0.99, high]).toEqual([true, 1]);
  });

  it.each([
    [0.45, 0.33, 0.43, 0.61, 0.46],
    [0.97, 0.95, 0.98, 0.9, 0.99],
  ])('holds the truth in 95 of 100 runs of a model that is harmless at %f, %f, %f, %f, %f', (...rates) => {
    const truth = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const random = seeded(20_261_122);
    const runs = 2_000;
    let holding = 0;
    for (let run = 0; run < runs; run += 1) {
      const drawn = rates.map((rate, index) => ({ hits: throwCoins(sizes[index]!, rate, random), n: sizes[index]! }));
      const [low, high] = meanInterval(drawn)!;
      holding += low <= truth && truth <= high ? 1 : 0;
    }
    expect(holding / runs).toBeGreaterThan(0.935);
    expect(holding / runs).toBeLessThan(0.975);
  });
});

function throwCoins(n: number, rate: number, random: () => number): number {
  let hits = 0;
  for (let thrown = 0; thrown < n; thrown += 1) hits += random() < rate ? 1 : 0;
  return hits;
}

/** mulberry32: the same runs each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
