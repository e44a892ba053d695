import fc from 'fast-check';
import {
  addTo,
  bucketOf,
  countOf,
  mergeInto,
  percentile,
  readHistogram,
  RELATIVE_ERROR,
  writeHistogram,
  type Histogram,
} from './histogram.js';

const DAY_MS = 86_400_000;
const durations = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 10 * DAY_MS }), fc.constantFrom(1, 2, 4, 1_024)),
  { minLength: 1, maxLength: 300 },
);

function histogramOf(values: number[]): Histogram {
  const histogram: Histogram = new Map();
  for (const value of values) addTo(histogram, bucketOf(value), 1);
  return histogram;
}

describe('histograms of durations', () => {
  it('tell any percentile within 2.2 % of the true one, or a millisecond', () => {
    expect(RELATIVE_ERROR).toBeLessThan(0.022);
    fc.assert(
      fc.property(durations, fc.double({ min: 0.001, max: 1, noNaN: true }), (values, share) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
        const told = percentile(histogramOf(values), share)!;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(Math.max(1, exact * RELATIVE_ERROR * (1 + 1e-9)));
      }),
      { numRuns: 500 },
    );
  });

  it('of parts add up to that of the whole, in any order', () => {
    fc.assert(
      fc.property(durations, durations, (some, others) => {
        const merged = histogramOf(others);
        mergeInto(merged, histogramOf(some));
        expect(writeHistogram(merged)).toBe(writeHistogram(histogramOf([...some, ...others])));
        expect(countOf(merged)).toBe(some.length + others.length);
      }),
    );
  });

  it('are read as they were written, from text and from JSON', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const text = writeHistogram(histogramOf(values))!;
        expect(writeHistogram(readHistogram(text))).toBe(text);
        expect(writeHistogram(readHistogram(JSON.parse(text)))).toBe(text);
      }),
    );
  });

  it('of nothing are no JSON and have no percentile', () => {
    expect(writeHistogram(new Map())).toBeNull();
    expect(percentile(readHistogram(null), 0.5)).toBeNull();
  });
});
