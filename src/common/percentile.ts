/** The smallest value that this fraction of all is not above; undefined where there is none. */
export function percentile(values: number[], fraction: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
}
