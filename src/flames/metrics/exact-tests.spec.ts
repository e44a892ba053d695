import fc from 'fast-check';
import { holm, mcnemarExact, signFlipTest } from './exact-tests.js';

/** All 2^n ways in which the pairs could have stood. */
function countFlips(differences: number[]): number {
  const sum = Math.abs(differences.reduce((so, each) => so + each, 0));
  const ways = 2 ** differences.length;
  let asLarge = 0;
  for (let way = 0; way < ways; way += 1) {
    const flipped = differences.reduce((so, each, bit) => so + ((way >> bit) & 1 ? each : -each), 0);
    if (Math.abs(flipped) >= sum) asLarge += 1;
  }
  return asLarge / ways;
}

describe('mcnemarExact', () => {
  // The last two: exact fractions, worked out by integers.
  it.each([
    [0, 0, 1],
    [6, 6, 1],
    [1, 9, 22 / 1024],
    [150, 86, 3.715936139571442e-5],
    [1500, 1400, 0.06598734966518381],
  ])('of %i against %i is %f', (b, c, p) => {
    expect(mcnemarExact(b, c)).toBeCloseTo(p, 12);
    expect(mcnemarExact(c, b) / p).toBeCloseTo(1, 9);
  });
});

describe('signFlipTest', () => {
  it('is what counting every way gives', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<number>(-2, -1, 0, 1, 2), { maxLength: 11 }), (differences) => {
        const of = (size: number) => differences.filter((each) => Math.abs(each) === size).length;
        const sum = differences.reduce((so, each) => so + each, 0);
        expect(signFlipTest({ ones: of(1), twos: of(2), sum })).toBeCloseTo(countFlips(differences), 10);
      }),
    );
  });

  it('is McNemar’s where all differences are of one size', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(2_000), (up, down) => {
        const p = mcnemarExact(up, down);
        expect(signFlipTest({ ones: up + down, twos: 0, sum: up - down })).toBeCloseTo(p, 9);
        expect(signFlipTest({ ones: 0, twos: up + down, sum: 2 * (up - down) })).toBeCloseTo(p, 9);
      }),
    );
  });
});

describe('holm', () => {
  it('multiplies the smallest by how many there are, and never lets a later one be smaller', () => {
    const expected = [0.03, 0.06, 0.06, 0.02];
    for (const [index, p] of holm([0.01, 0.04, 0.03, 0.005]).entries()) expect(p).toBeCloseTo(expected[index]!, 12);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
