import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { RetentionRepository, type RetentionRun } from '../logs/retention.repository.js';
import { LogSpool } from '../logs/spool.js';
import { LogMonitorRepository, type TableSize, type TaskRows } from './log-monitor.repository.js';

/** Rows per task, over all tasks that have some. */
export interface Distribution {
  min: number;
  median: number;
  p95: number;
  max: number;
  mean: number;
}

export interface LogStatistics {
  size: TableSize;
  tasks: number;
  /** Null without any rows. */
  rowsPerTask: Distribution | null;
  largest: TaskRows[];
  oldest: { taskId: string; writtenAt: Date; endTime: Date | null } | undefined;
  /** Files of this machine that wait to be brought in. */
  spoolFiles: number;
  lastRetentionRun: RetentionRun | undefined;
  takenAt: Date;
}

const LARGEST = 10;
/** Counting reads a whole index: a page that asks every few seconds gets the same figures for a minute. */
const FRESH_MS = 60_000;

/** How large the table of logs is, and whose rows fill it. */
@Injectable()
export class LogMonitorService {
  private last: { at: number; statistics: Promise<LogStatistics> } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly monitor: LogMonitorRepository,
    private readonly retention: RetentionRepository,
    private readonly spool: LogSpool,
  ) {}

  /** At most a minute old; a failure is not kept. */
  getStatistics(): Promise<LogStatistics> {
    const at = this.clock.monotonicMs();
    if (this.last && at - this.last.at < FRESH_MS) return this.last.statistics;
    const statistics = this.take();
    this.last = { at, statistics };
    statistics.catch(() => (this.last = undefined));
    return statistics;
  }

  private async take(): Promise<LogStatistics> {
    const [size, counted, oldest, spoolFiles, lastRetentionRun] = await Promise.all([
      this.monitor.getSize(),
      this.monitor.countRowsPerTask(),
      this.monitor.findOldest(),
      this.spool.count(),
      this.retention.findLastRun(),
    ]);
    const rowsPerTask = distributionOf(counted.map(({ rows }) => rows));
    const largest = counted.slice(0, LARGEST);
    const takenAt = this.clock.now();
    return { size, tasks: counted.length, rowsPerTask, largest, oldest, spoolFiles, lastRetentionRun, takenAt };
  }
}

/** `rows` from the largest to the smallest. */
export function distributionOf(rows: number[]): Distribution | null {
  if (rows.length === 0) return null;
  const smallerThan = (share: number) => rows[Math.floor((1 - share) * (rows.length - 1))]!;
  const mean = rows.reduce((sum, count) => sum + count, 0) / rows.length;
  return { min: rows.at(-1)!, median: smallerThan(0.5), p95: smallerThan(0.95), max: rows[0]!, mean };
}
