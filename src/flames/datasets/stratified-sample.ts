import { DIMENSIONS, type Dimension } from '../dimensions.js';

interface Sampled {
  itemKey: string;
  dimension: Dimension;
}

/**
 * A sample with the proportions of the whole, in its order. Which items of a dimension are in it follows from their keys
 * alone: the same ones each time, in whatever order the file had them, and all of them again in a larger sample of as
 * many from that dimension. Every dimension is there; a sample smaller than their number is raised to one of each.
 */
export function stratifiedSample<T extends Sampled>(items: T[], size: number): T[] {
  const strata = DIMENSIONS.map((dimension) => items.filter((item) => item.dimension === dimension));
  const shares = allotShares(
    strata.map(({ length }) => length),
    size,
  );
  const chosen = new Set(strata.flatMap((stratum, index) => [...stratum].sort(byKey).slice(0, shares[index])));
  return items.filter((item) => chosen.has(item));
}

/** How many to take of each stratum: by largest remainder, at least one of each that has any. */
export function allotShares(sizes: number[], wanted: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (wanted >= total) return [...sizes];
  const quotas = sizes.map((size) => (size * wanted) / total);
  const shares = quotas.map((quota, index) => Math.min(sizes[index]!, Math.max(1, Math.floor(quota))));
  const missing = (index: number) => quotas[index]! - shares[index]!;
  const spare = () => wanted - shares.reduce((sum, share) => sum + share, 0);
  const order = sizes.map((_, index) => index);
  while (spare() > 0) {
    const open = order.filter((index) => shares[index]! < sizes[index]!);
    shares[open.reduce((best, index) => (missing(index) > missing(best) ? index : best))]! += 1;
  }
  // The one each that small strata got anyway is paid by those furthest above their due.
  while (spare() < 0 && shares.some((share) => share > 1)) {
    const rich = order.filter((index) => shares[index]! > 1);
    shares[rich.reduce((best, index) => (missing(index) < missing(best) ? index : best))]! -= 1;
  }
  return shares;
}

function byKey(a: Sampled, b: Sampled): number {
  return a.itemKey < b.itemKey ? -1 : 1;
}
