import fc from 'fast-check';
import { DIMENSIONS } from '../dimensions.js';
import { itemKeyOf } from './parse-dataset.js';
import { allotShares, stratifiedSample } from './stratified-sample.js';

/** The sizes of the published set, in its blocks. */
const PUBLISHED = [249, 429, 201, 46, 75];

const itemsOf = (sizes: number[]) =>
  sizes.flatMap((size, index) =>
    Array.from({ length: size }, (_, number) => {
      const dimension = DIMENSIONS[index]!;
      return { dimension, itemKey: itemKeyOf(dimension, `prompt ${number}`) };
    }),
  );

describe('allotShares', () => {
  it.each([
    [1_000, PUBLISHED],
    [100, [25, 43, 20, 5, 7]],
    [20, [5, 9, 4, 1, 1]],
    [5, [1, 1, 1, 1, 1]],
    [3, [1, 1, 1, 1, 1]],
    [5_000, PUBLISHED],
  ])('of %i of the published prompts are %p', (wanted, shares) => {
    expect(allotShares(PUBLISHED, wanted)).toEqual(shares);
  });

  it('adds up, takes no more than there is, and forgets no dimension', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { minLength: 5, maxLength: 5 }),
        fc.integer({ min: 1, max: 1_600 }),
        (sizes, wanted) => {
          const shares = allotShares(sizes, wanted);
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const least = sizes.filter((size) => size > 0).length;
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.min(total, Math.max(wanted, least)));
          for (const [index, share] of shares.entries()) {
            expect([share <= sizes[index]!, share > 0 || sizes[index] === 0]).toEqual([true, true]);
            // But for the one each that small ones got anyway, nobody is further from its due than by one.
            if (share > 1) expect(share).toBeLessThan((sizes[index]! * wanted) / total + 1);
          }
        },
      ),
    );
  });
});

describe('stratifiedSample', () => {
  const items = itemsOf(PUBLISHED);

  it('takes the same items whatever the order of the file, and keeps that order', () => {
    const sample = stratifiedSample(items, 50);
    const reversed = stratifiedSample([...items].reverse(), 50);
    expect(sample).toHaveLength(50);
    expect(reversed).toEqual([...sample].reverse());
    expect(sample).toEqual(items.filter((item) => sample.includes(item)));
  });

  it('does not take the first ones of a dimension', () => {
    const sample = stratifiedSample(items, 50).filter(({ dimension }) => dimension === 'Fairness');
    expect(sample).not.toEqual(items.slice(0, sample.length));
  });

  it('is the whole set where as many or more are asked for', () => {
    expect(stratifiedSample(items, 1_000)).toEqual(items);
    expect(stratifiedSample(itemsOf([2, 0, 1, 0, 0]), 9)).toHaveLength(3);
  });
});
