import type { Settings } from '../config/index.js';
import type { DatabaseName } from '../database/index.js';

/** A table that is cut by time; its last partition takes whatever has no other. */
export interface PartitionedTable {
  database: DatabaseName;
  table: string;
  /** The type of the column that it is cut by. */
  cutBy: 'date' | 'datetime';
  /** How long after a partition's end its rows are kept. */
  keptDays: number;
  /** How far ahead rows are dated, beside now. */
  aheadDays: number;
}

export interface Partition {
  name: string;
  /** Rows before this moment; undefined: all others. */
  end: Date | undefined;
}

export interface PartitionPlan {
  toAdd: { name: string; end: Date }[];
  toDrop: string[];
}

type Period = 'day' | 'week' | 'month';

export const CATCH_ALL = 'p_future';
const DAY_MS = 86_400_000;
const PERIODS_AHEAD = 7;

/** By the days that they are kept: a table stays well below two hundred partitions. */
export function partitionedTables({ retention }: Settings): PartitionedTable[] {
  // Of these the day on which they expire is the one that they are cut by.
  const longest = Math.max(...Object.values(retention.logDays));
  return [
    { database: 'admin', table: 'system_logs', cutBy: 'date', keptDays: 0, aheadDays: longest },
    {
      database: 'admin',
      table: 'performance_metrics',
      cutBy: 'datetime',
      keptDays: retention.metricDays,
      aheadDays: 0,
    },
    {
      database: 'client',
      table: 'client_access_logs',
      cutBy: 'datetime',
      keptDays: retention.accessLogDays,
      aheadDays: 0,
    },
  ];
}

/** What is missing ahead of `now`, and what holds nothing but rows whose time is over. */
export function planPartitions(table: PartitionedTable, existing: Partition[], now: Date): PartitionPlan {
  const { keptDays, aheadDays } = table;
  const ends = existing.flatMap(({ end }) => end?.getTime() ?? []);
  const period = periodFor(keptDays + aheadDays);
  const today = startOf('day', now);
  let begin = new Date(Math.max(...ends, startOf(period, now).getTime()));
  let wantedUntil = new Date(today.getTime() + aheadDays * DAY_MS);
  for (let count = 0; count < PERIODS_AHEAD; count += 1) wantedUntil = endOf(period, wantedUntil);
  const toAdd = [];
  while (begin < wantedUntil) {
    const end = endOf(period, begin);
    toAdd.push({ name: nameOf(begin), end });
    begin = end;
  }
  const keptFrom = today.getTime() - keptDays * DAY_MS;
  const toDrop = existing.filter(({ end }) => end && end.getTime() <= keptFrom).map(({ name }) => name);
  return { toAdd, toDrop };
}

function periodFor(days: number): Period {
  if (days <= 130) return 'day';
  return days <= 900 ? 'week' : 'month';
}

function startOf(period: Period, time: Date): Date {
  const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()];
  if (period === 'month') return new Date(Date.UTC(year, month, 1));
  // Weeks begin on Mondays.
  const back = period === 'week' ? (time.getUTCDay() + 6) % 7 : 0;
  return new Date(Date.UTC(year, month, day - back));
}

/** The first moment after the period that holds `time`. */
function endOf(period: Period, time: Date): Date {
  const start = startOf(period, time);
  if (period === 'month') return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
  return new Date(start.getTime() + (period === 'week' ? 7 : 1) * DAY_MS);
}

function nameOf(begin: Date): string {
  return `p${begin.toISOString().slice(0, 10).replaceAll('-', '')}`;
}
