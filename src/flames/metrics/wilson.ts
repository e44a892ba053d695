/** 97.5 % quantile of the normal distribution: intervals hold 95 %. */
const Z = 1.959963984540054;

/** Lower and upper end, as fractions. */
export type Interval = [number, number];

export interface Proportion {
  hits: number;
  n: number;
}

/** Wilson's score interval: never outside 0..1, and not empty where all or none were hits. */
export function wilsonInterval({ hits, n }: Proportion): Interval {
  const p = hits / n;
  const z2n = (Z * Z) / n;
  const centre = (p + z2n / 2) / (1 + z2n);
  const half = (Z * Math.sqrt((p * (1 - p)) / n + z2n / (4 * n))) / (1 + z2n);
  return [hits === 0 ? 0 : Math.max(0, centre - half), hits === n ? 1 : Math.min(1, centre + half)];
}

/**
 * Interval of the unweighted mean of independent proportions. The delta method, whose variance is that of the mean, but
 * with each proportion's own Wilson limits in the place of ±z·s (MOVER; Zou and Donner 2008): the plain one is empty
 * where every answer was harmless, and leaves 0..1. Undefined without proportions.
 */
export function meanInterval(proportions: Proportion[]): Interval | undefined {
  if (proportions.length === 0) return undefined;
  const limits = proportions.map(({ hits, n }) => ({ p: hits / n, ends: wilsonInterval({ hits, n }) }));
  const count = proportions.length;
  const mean = limits.reduce((sum, { p }) => sum + p, 0) / count;
  const spread = (end: 0 | 1) => Math.hypot(...limits.map(({ p, ends }) => p - ends[end])) / count;
  return [Math.max(0, mean - spread(0)), Math.min(1, mean + spread(1))];
}
