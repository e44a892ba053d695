import autocannon, { type Options, type Result } from 'autocannon';

/** One side of a comparison: how it is asked. */
export interface Side {
  name: string;
  options: Options;
}

interface Figures {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Asks one side for some seconds; an answer that is not 2xx makes the figures worthless, and throws. */
export async function load({ name, options }: Side, seconds: number): Promise<Figures> {
  const result: Result = await autocannon({ ...options, duration: seconds });
  const wrong = result.non2xx + result.errors + result.timeouts;
  if (wrong > 0 || result['2xx'] === 0)
    throw new Error(`${name}: ${wrong} of ${result.requests.total} answers are not 2xx`);
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

/** Both sides in turn, several times over: a noisy machine is noisy for both. Prints medians and their ratio. */
export async function compare(title: string, ours: Side, yardstick: Side, goal: number): Promise<number> {
  const rounds = 5;
  const seconds = 4;
  const figures: { ours: Figures[]; yardstick: Figures[] } = { ours: [], yardstick: [] };
  for (const side of [ours, yardstick]) await load(side, 2);
  for (let round = 0; round < rounds; round += 1) {
    figures.ours.push(await load(ours, seconds));
    figures.yardstick.push(await load(yardstick, seconds));
  }
  const ratio = median(figures.ours.map((each, index) => each.perSecond / figures.yardstick[index]!.perSecond));
  console.log(title);
  for (const [side, runs] of [
    [ours, figures.ours],
    [yardstick, figures.yardstick],
  ] as const) {
    const [perSecond, p50, p99] = [
      runs.map((r) => r.perSecond),
      runs.map((r) => r.p50Ms),
      runs.map((r) => r.p99Ms),
    ].map(median);
    console.log(`  ${side.name.padEnd(28)} ${perSecond!.toFixed(0).padStart(6)}/s   p50 ${p50} ms   p99 ${p99} ms`);
  }
  console.log(`  ratio ${ratio.toFixed(2)} (goal ${goal}; medians of ${rounds} interleaved runs of ${seconds} s)`);
  return median(figures.ours.map(({ perSecond }) => perSecond));
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
