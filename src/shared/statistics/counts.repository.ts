import { Injectable } from '@nestjs/common';
import type { Executor, SqlValue } from '../../database/index.js';
import { keyText, toValues, type CountsRow, type GroupCounts, type GroupKey } from './task-counts.js';

const ROWS_A_STATEMENT = 200;
const KEY = 'task_type AS taskType, workflow_name AS workflowName, node_id AS nodeId, source_type AS sourceType';
const COUNTS = ['submitted', 'completed', 'failed', 'cancelled', 'wait_ms_total', 'run_ms_total'];
const RENEWED = [...COUNTS, 'wait_histogram', 'run_histogram', 'file_bytes'];

export const COUNT_SELECT = `submitted, completed, failed, cancelled, wait_ms_total AS waitMsTotal,
  run_ms_total AS runMsTotal, wait_histogram AS waitHistogram, run_histogram AS runHistogram, file_bytes AS fileBytes`;

/** Which of the tables of counts, and the hour or day (`2026-11-22`) in it. */
export type CountsOf =
  { table: 'hourly_statistics'; at: Date } | { table: 'daily_statistics' | 'daily_rollups'; at: string };

/** Writes `hourly_statistics`, `daily_statistics` and `daily_rollups`. */
@Injectable()
export class CountsRepository {
  /** Makes the rows of this hour or day be these, and no others; rows that are right already stay untouched. */
  async replace(transaction: Executor, of: CountsOf, groups: GroupCounts[]): Promise<void> {
    const column = of.table === 'hourly_statistics' ? 'stat_hour' : 'stat_date';
    const before = await transaction.rows<GroupKey & { id: string }>(
      `SELECT id, ${KEY} FROM ${of.table} WHERE ${column} = ?`,
      [of.at],
    );
    const kept = new Set(groups.map(({ key }) => keyText(key)));
    const vanished = before.filter((row) => !kept.has(keyText(row))).map(({ id }) => id);
    if (vanished.length > 0) await transaction.run(`DELETE FROM ${of.table} WHERE id IN (?)`, [vanished]);
    const sorted = [...groups].sort((a, b) => (keyText(a.key) < keyText(b.key) ? -1 : 1));
    for (let from = 0; from < sorted.length; from += ROWS_A_STATEMENT)
      await upsert(transaction, of, column, sorted.slice(from, from + ROWS_A_STATEMENT));
  }

  /** The hours of a day, all in UTC. */
  listHoursOf(executor: Executor, day: string): Promise<CountsRow[]> {
    return executor.rows<CountsRow>(
      `SELECT ${KEY}, ${COUNT_SELECT} FROM hourly_statistics WHERE stat_hour >= ? AND stat_hour < ? + INTERVAL 1 DAY`,
      [day, day],
    );
  }

  /** The day's row of `system_statistics`; times in seconds. */
  async writeSystemDay(transaction: Executor, day: string): Promise<void> {
    await transaction.run(
      `INSERT INTO system_statistics (stat_date, total_tasks, completed_tasks, failed_tasks, client_tasks, admin_tasks,
         text_to_image_tasks, image_to_video_tasks, total_processing_time, average_processing_time, active_nodes, total_file_size)
       SELECT ?, COALESCE(SUM(submitted), 0), COALESCE(SUM(completed), 0), COALESCE(SUM(failed), 0),
         COALESCE(SUM(IF(source_type = 'client', submitted, 0)), 0), COALESCE(SUM(IF(source_type = 'admin', submitted, 0)), 0),
         COALESCE(SUM(IF(task_type = 'text_to_image', submitted, 0)), 0),
         COALESCE(SUM(IF(task_type = 'image_to_video', submitted, 0)), 0),
         COALESCE(ROUND(SUM(run_ms_total) / 1000), 0), COALESCE(ROUND(SUM(run_ms_total) / 1000 / NULLIF(SUM(completed), 0), 2), 0),
         COUNT(DISTINCT NULLIF(node_id, '')), COALESCE(SUM(file_bytes), 0)
       FROM daily_statistics WHERE stat_date = ?
       ON DUPLICATE KEY UPDATE ${renewing([
         ...['total_tasks', 'completed_tasks', 'failed_tasks', 'client_tasks', 'admin_tasks', 'text_to_image_tasks'],
         ...[
           'image_to_video_tasks',
           'total_processing_time',
           'average_processing_time',
           'active_nodes',
           'total_file_size',
         ],
       ])}`,
      [day, day],
    );
  }
}

async function upsert(transaction: Executor, of: CountsOf, column: string, groups: GroupCounts[]): Promise<void> {
  const columns = [column, 'task_type', 'workflow_name', 'node_id', 'source_type', ...RENEWED];
  const row = `(${columns.map(() => '?').join(', ')})`;
  await transaction.run(
    `INSERT INTO ${of.table} (${columns.join(', ')}) VALUES ${groups.map(() => row).join(', ')}
     ON DUPLICATE KEY UPDATE ${renewing(RENEWED)}`,
    groups.flatMap((group): SqlValue[] => [of.at, ...toValues(group)]),
  );
}

export function renewing(columns: string[]): string {
  return columns.map((name) => `${name} = VALUES(${name})`).join(', ');
}
