import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database, type Executor, type SqlValue } from '../../database/index.js';

export const METRIC_TYPES = ['system', 'task', 'node', 'api'] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

/** The source of what one process samples for all. */
const INSTALLATION = 'installation';

export interface Sample {
  type: MetricType;
  name: string;
  value: number;
  unit: string;
  tags?: Record<string, string>;
}

/** What one source has to say of the minute that ended at `recordedAt`. */
export interface SampledMinute {
  source: string;
  recordedAt: Date;
  samples: Sample[];
  /** Also a sample of each node, from its row as it is now. */
  withNodes?: boolean;
}

export interface StoredSample extends Required<Sample> {
  nodeId: string | null;
}

export interface HistoryFilter {
  type: MetricType;
  name: string;
  nodeId: string | undefined;
  from: Date;
  to: Date;
  stepSeconds: number;
  limit: number;
}

export interface HistoryPoint {
  nodeId: string | null;
  tags: Record<string, string>;
  at: Date;
  average: number;
  least: number;
  most: number;
  samples: number;
}

export interface MetricSummary {
  type: MetricType;
  name: string;
  unit: string | null;
  least: number;
  average: number;
  most: number;
  p95: number;
  samples: number;
}

/** Of a node's row: the metric's name, its value, its unit. */
const OF_NODES = [
  ['load', 'current_load', 'prompts'],
  ['online', `status IN ('online', 'busy')`, 'boolean'],
  ['cpu_usage', 'cpu_usage', 'percent'],
  ['memory_usage', 'memory_usage', 'percent'],
  ['gpu_usage', 'gpu_usage', 'percent'],
  ['gpu_memory_usage', 'gpu_memory_usage', 'percent'],
] as const;

/** The wall clock in seconds since 1970, whatever zone the connection is in. */
const SECONDS = `TIMESTAMPDIFF(SECOND, '1970-01-01', recorded_at)`;

/** SQL of `performance_metrics` and `metric_minutes`. */
@Injectable()
export class PerformanceMetricsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /** All of it or nothing; false where this source has written this minute already. */
  write({ source, recordedAt, samples, withNodes = false }: SampledMinute): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      const minute = [source, recordedAt];
      const sql = 'INSERT IGNORE INTO metric_minutes (source, recorded_at) VALUES (?, ?)';
      if ((await transaction.run(sql, minute)) === 0) return false;
      await insertSamples(transaction, samples, recordedAt);
      if (withNodes) await insertNodes(transaction, recordedAt);
      return true;
    });
  }

  /** Of the latest minute after `since` that is whole: what processes say of themselves may come before or after it. */
  async listLatest(since: Date, until: Date): Promise<{ recordedAt: Date | undefined; samples: StoredSample[] }> {
    const [latest] = await this.database.rows<{ recordedAt: Date | null }>(
      `SELECT MAX(recorded_at) AS recordedAt FROM metric_minutes
       WHERE source = ? AND recorded_at > ? AND recorded_at <= ?`,
      [INSTALLATION, since, until],
    );
    if (!latest?.recordedAt) return { recordedAt: undefined, samples: [] };
    const rows = await this.database.rows<StoredSample & { value: unknown; tags: unknown }>(
      `SELECT metric_type AS type, metric_name AS name, metric_value AS value, unit, tags, node_id AS nodeId
       FROM performance_metrics WHERE recorded_at = ? ORDER BY metric_type, metric_name, node_id, id`,
      [latest.recordedAt],
    );
    const samples = rows.map((row) => ({ ...row, value: Number(row.value), tags: fromJson(row.tags) ?? {} }));
    return { recordedAt: latest.recordedAt, samples: samples as StoredSample[] };
  }

  /** Each node's and each tag's samples apart, in steps; `limit + 1` where there are more. */
  async listHistory(filter: HistoryFilter): Promise<HistoryPoint[]> {
    const { type, name, nodeId, from, to, stepSeconds, limit } = filter;
    const values: SqlValue[] = [stepSeconds, stepSeconds, type, name, from, to];
    const rows = await this.database.rows<
      Record<'nodeId' | 'tags' | 'at' | 'average' | 'least' | 'most' | 'n', string>
    >(
      `SELECT node_id AS nodeId, CAST(tags AS CHAR) AS tags, ${SECONDS} DIV ? * ? AS at,
              AVG(metric_value) AS average, MIN(metric_value) AS least, MAX(metric_value) AS most, COUNT(*) AS n
       FROM performance_metrics
       WHERE metric_type = ? AND metric_name = ? AND recorded_at >= ? AND recorded_at <= ?
         ${nodeId === undefined ? '' : 'AND node_id = ?'}
       GROUP BY nodeId, tags, at ORDER BY nodeId, tags, at LIMIT ?`,
      [...values, ...(nodeId === undefined ? [] : [nodeId]), limit + 1],
    );
    return rows.map((row) => ({
      nodeId: row.nodeId,
      tags: fromJson<Record<string, string> | null>(row.tags) ?? {},
      at: new Date(Number(row.at) * 1_000),
      ...{ average: Number(row.average), least: Number(row.least), most: Number(row.most), samples: Number(row.n) },
    }));
  }

  async summarise(from: Date, to: Date): Promise<MetricSummary[]> {
    const rows = await this.database.rows<Record<keyof MetricSummary, string>>(
      `SELECT type, name, MAX(unit) AS unit, MIN(value) AS least, AVG(value) AS average, MAX(value) AS most,
              MIN(CASE WHEN place >= 0.95 * samples THEN value END) AS p95, MAX(samples) AS samples
       FROM (SELECT metric_type AS type, metric_name AS name, unit, metric_value AS value,
                    ROW_NUMBER() OVER (PARTITION BY metric_type, metric_name ORDER BY metric_value) AS place,
                    COUNT(*) OVER (PARTITION BY metric_type, metric_name) AS samples
             FROM performance_metrics WHERE recorded_at >= ? AND recorded_at <= ?) placed
       GROUP BY type, name ORDER BY type, name`,
      [from, to],
    );
    return rows.map((row) => ({
      type: row.type as MetricType,
      name: row.name,
      unit: row.unit,
      ...{ least: Number(row.least), average: Number(row.average), most: Number(row.most) },
      ...{ p95: Number(row.p95), samples: Number(row.samples) },
    }));
  }

  /** Minutes nobody will write again; how many. */
  forgetMinutes(before: Date, limit: number): Promise<number> {
    return this.database.run('DELETE FROM metric_minutes WHERE recorded_at < ? ORDER BY recorded_at LIMIT ?', [
      before,
      limit,
    ]);
  }
}

async function insertSamples(transaction: Executor, samples: Sample[], recordedAt: Date): Promise<void> {
  if (samples.length === 0) return;
  await transaction.run(
    'INSERT INTO performance_metrics (metric_type, metric_name, metric_value, unit, tags, recorded_at) VALUES ?',
    [
      samples.map(({ type, name, value, unit, tags }) => [
        ...[type, name, Math.round(value * 1e6) / 1e6, unit],
        ...[tags ? JSON.stringify(tags) : null, recordedAt],
      ]),
    ],
  );
}

async function insertNodes(transaction: Executor, recordedAt: Date): Promise<void> {
  for (const [name, value, unit] of OF_NODES) {
    await transaction.run(
      `INSERT INTO performance_metrics (metric_type, metric_name, metric_value, unit, tags, node_id, recorded_at)
       SELECT 'node', ?, ${value}, ?, JSON_OBJECT('node', node_id), id, ? FROM nodes`,
      [name, unit, recordedAt],
    );
  }
}
