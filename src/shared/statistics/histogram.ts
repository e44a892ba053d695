/**
 * Durations counted in buckets of equal ratio, so that hours add up to days: bucket `b` > 0 holds what is longer than
 * 2^((b−1)/16) and at most 2^(b/16) ms, bucket 0 what takes 1 ms at most. Only buckets with a count are kept.
 */
export type Histogram = Map<number, number>;

const STEPS_AN_OCTAVE = 16;
const RATIO = 2 ** (1 / STEPS_AN_OCTAVE);

/** How far a percentile may be from the true one, as a part of it; of what takes more than 1 ms. */
export const RELATIVE_ERROR = (RATIO - 1) / (RATIO + 1);

/** SQL for the bucket of a number of milliseconds; `bucketOf` says the same. */
export const bucketSql = (ms: string) => `IF(${ms} <= 1, 0, CEIL(${STEPS_AN_OCTAVE} * LOG2(${ms})))`;

export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.ceil(STEPS_AN_OCTAVE * Math.log2(ms));
}

export function addTo(histogram: Histogram, bucket: number, count: number): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
}

export function mergeInto(histogram: Histogram, other: Histogram): void {
  for (const [bucket, count] of other) addTo(histogram, bucket, count);
}

export function countOf(histogram: Histogram): number {
  let count = 0;
  for (const each of histogram.values()) count += each;
  return count;
}

/** The value that the part `share` of all does not exceed (nearest rank), within the relative error; null of nothing. */
export function percentile(histogram: Histogram, share: number): number | null {
  const rank = Math.max(1, Math.ceil(share * countOf(histogram)));
  let below = 0;
  for (const bucket of sorted(histogram)) {
    below += histogram.get(bucket)!;
    if (below >= rank) return valueOf(bucket);
  }
  return null;
}

/** The value in a bucket that is equally far, as a ratio, from both of its ends. */
function valueOf(bucket: number): number {
  return bucket === 0 ? 1 : (2 * RATIO ** bucket) / (RATIO + 1);
}

/** As JSON in a column: always in the same order, so that equal histograms are equal texts. */
export function writeHistogram(histogram: Histogram): string | null {
  if (histogram.size === 0) return null;
  return JSON.stringify(sorted(histogram).map((bucket) => [bucket, histogram.get(bucket)!]));
}

export function readHistogram(value: unknown): Histogram {
  if (value === null || value === undefined) return new Map();
  return new Map((typeof value === 'string' ? JSON.parse(value) : value) as [number, number][]);
}

function sorted(histogram: Histogram): number[] {
  return [...histogram.keys()].sort((a, b) => a - b);
}
