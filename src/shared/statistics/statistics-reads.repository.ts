import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type SqlValue } from '../../database/index.js';
import { COUNT_SELECT } from './counts.repository.js';
import { dayOf, type Interval, type TimeRange } from './statistics-range.js';
import type { CountsRow, GroupKey } from './task-counts.js';

export interface StatisticsFilter extends TimeRange {
  interval: Interval;
  taskType?: string | undefined;
  workflowName?: string | undefined;
  nodeId?: string | undefined;
  sourceType?: string | undefined;
}

/** One hour or day. */
export interface BucketCounts {
  bucket: Date;
  submitted: number;
  completed: number;
  failed: number;
  cancelled: number;
  fileBytes: number;
}

export interface StoredDay {
  day: Date;
  files: number;
  bytes: number;
  countedAt: Date;
}

export type BucketRow = CountsRow & { bucket: Date | string };

type SumRow = Record<Exclude<keyof BucketCounts, 'bucket'>, string> & { bucket: Date | string };

/** Reads counts for charts: hours from `hourly_statistics`, days from `daily_statistics`. */
@Injectable()
export class StatisticsReadsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Hours or days without any task are not among them. */
  async listSums(filter: StatisticsFilter): Promise<BucketCounts[]> {
    const { table, column, where, values } = conditionsOf(filter);
    const rows = await this.database.rows<SumRow>(
      `SELECT ${column} AS bucket, SUM(submitted) AS submitted, SUM(completed) AS completed, SUM(failed) AS failed,
         SUM(cancelled) AS cancelled, SUM(file_bytes) AS fileBytes
       FROM ${table} WHERE ${where} GROUP BY ${column} ORDER BY ${column}`,
      values,
    );
    return rows.map((row) => ({
      bucket: new Date(row.bucket),
      submitted: Number(row.submitted),
      completed: Number(row.completed),
      failed: Number(row.failed),
      cancelled: Number(row.cancelled),
      fileBytes: Number(row.fileBytes),
    }));
  }

  /**
   * What every hour or day holds, with its histograms: all of it, or apart by workflow or by node. Days of nothing but
   * that are added up beforehand.
   */
  listGroups(filter: StatisticsFilter, by?: 'workflow' | 'node'): Promise<BucketRow[]> {
    const { column, where, values, isFiltered, ...rest } = conditionsOf(filter);
    const isRolledUp = filter.interval === 'day' && !isFiltered;
    const table = isRolledUp ? 'daily_rollups' : rest.table;
    return this.database.rows<BucketRow>(
      `SELECT ${column} AS bucket, task_type AS taskType, workflow_name AS workflowName, node_id AS nodeId,
         source_type AS sourceType, ${COUNT_SELECT} FROM ${table} WHERE ${where} ${isRolledUp ? ROLLED_UP[by ?? 'all'] : ''}`,
      values,
    );
  }

  async listStored(from: Date, to: Date): Promise<StoredDay[]> {
    return this.readStored('WHERE stat_date >= ? AND stat_date < ? ORDER BY stat_date', [dayOf(from), dayOf(to)]);
  }

  async findLatestStored(): Promise<StoredDay | undefined> {
    const [latest] = await this.readStored('ORDER BY stat_date DESC LIMIT 1', []);
    return latest;
  }

  private async readStored(tail: string, values: SqlValue[]): Promise<StoredDay[]> {
    const rows = await this.database.rows<{ day: string; files: string; bytes: string; countedAt: Date }>(
      `SELECT CAST(stat_date AS CHAR) AS day, stored_files AS files, stored_bytes AS bytes, updated_at AS countedAt
       FROM storage_statistics ${tail}`,
      values,
    );
    return rows.map(({ day, files, bytes, countedAt }) => ({
      day: new Date(day),
      files: Number(files),
      bytes: Number(bytes),
      countedAt,
    }));
  }
}

const ROLLED_UP = {
  all: `AND workflow_name = '' AND node_id = ''`,
  workflow: `AND workflow_name <> ''`,
  node: `AND node_id <> ''`,
};

const FILTERS: Record<keyof GroupKey, string> = {
  taskType: 'task_type',
  workflowName: 'workflow_name',
  nodeId: 'node_id',
  sourceType: 'source_type',
};

function conditionsOf(filter: StatisticsFilter) {
  const byHour = filter.interval === 'hour';
  const column = byHour ? 'stat_hour' : 'stat_date';
  const ends = [filter.from, filter.to].map((time) => (byHour ? time : dayOf(time)));
  const asked = (Object.keys(FILTERS) as (keyof GroupKey)[]).filter((name) => filter[name] !== undefined);
  return {
    table: byHour ? 'hourly_statistics' : 'daily_statistics',
    column,
    isFiltered: asked.length > 0,
    where: [`${column} >= ? AND ${column} < ?`, ...asked.map((name) => `${FILTERS[name]} = ?`)].join(' AND '),
    values: [...ends, ...asked.map((name) => filter[name])] satisfies SqlValue[],
  };
}
