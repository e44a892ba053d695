/** Exact tests of paired outcomes, two-sided; `p` is the probability of a difference at least as large by chance. */

/** McNemar's test: of the pairs that differ, `b` went one way and `c` the other. 1 where none differ. */
export function mcnemarExact(b: number, c: number): number {
  const tails = tailsOfHalf(b + c);
  return Math.min(1, 2 * tails[Math.max(b, c)]!);
}

/**
 * The permutation test of a sum of paired differences that are 0, ±1 or ±2: every pair may as well have been the other
 * way round. `ones` and `twos` say how many differ by so much, `sum` is what came out. The distribution is that of two
 * binomials, so it is summed up instead of drawn.
 */
export function signFlipTest({ ones, twos, sum }: { ones: number; twos: number; sum: number }): number {
  const least = Math.abs(sum);
  if (least === 0) return 1;
  const massOfOnes = massesOfHalf(ones);
  const tailsOfTwos = tailsOfHalf(twos);
  let tail = 0;
  for (let up = 0; up <= ones; up += 1) {
    // Those that differ by one add 2·up − ones; so many of those that differ by two must point up to reach the sum.
    const needed = Math.max(0, Math.ceil((least - (2 * up - ones) + 2 * twos) / 4));
    if (needed <= twos) tail += massOfOnes[up]! * tailsOfTwos[needed]!;
  }
  return Math.min(1, 2 * tail);
}

/** Holm's correction: what each p is worth when so many questions were asked at once; in the order given. */
export function holm(ps: number[]): number[] {
  const ascending = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(ps.length);
  let largest = 0;
  for (const [rank, { p, index }] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** P(X = k) of a fair coin thrown n times, by logarithms: the factors alone leave the range of numbers at n = 1030. */
function massesOfHalf(n: number): Float64Array {
  const masses = new Float64Array(n + 1);
  let log = -n * Math.LN2;
  for (let k = 0; k <= n; k += 1) {
    masses[k] = Math.exp(log);
    log += Math.log((n - k) / (k + 1));
  }
  return masses;
}

/** P(X ≥ k), summed from its small end. */
function tailsOfHalf(n: number): Float64Array {
  const tails = massesOfHalf(n);
  for (let k = n - 1; k >= 0; k -= 1) tails[k]! += tails[k + 1]!;
  return tails;
}
