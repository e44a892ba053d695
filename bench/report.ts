import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

interface Line {
  what: string;
  figure: string;
  goal: string;
  verdict: 'met' | 'MISSED' | '';
}

/** Figures beside their goals, as they come and once more at the end. */
export class Report {
  private readonly lines: Line[] = [];
  private readonly notes: string[] = [];

  /** A figure that has a goal is met at or beyond it, on the side that `best` says. */
  add(what: string, value: number, { unit, goal, best }: { unit: string; goal?: number; best?: 'low' | 'high' }): void {
    const isMet = goal === undefined || (best === 'high' ? value >= goal : value <= goal);
    const line: Line = {
      what,
      figure: `${format(value)} ${unit}`.trim(),
      goal: goal === undefined ? '' : `${best === 'high' ? '≥' : '≤'} ${goal} ${unit}`.trim(),
      verdict: goal === undefined ? '' : isMet ? 'met' : 'MISSED',
    };
    this.lines.push(line);
    console.log(`  ${write(line)}`);
  }

  note(text: string): void {
    this.notes.push(text);
    console.log(`  ${text}`);
  }

  print(): void {
    console.log(`\n${machine()}`);
    for (const line of this.lines) console.log(write(line));
    for (const note of this.notes) console.log(`(${note})`);
  }
}

/** What the figures were taken on; a load above the number of cores at the start makes them worthless. */
function machine(): string {
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
  return `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${gibibytes} GiB, Node ${process.versions.node}; load ${load}`;
}

function write({ what, figure, goal, verdict }: Line): string {
  return `${what.padEnd(66)} ${figure.padStart(14)}   ${goal.padEnd(12)} ${verdict}`.trimEnd();
}

function format(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** The smallest value that so large a share of all does not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** The machine's clock that never jumps, the same in every process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
