import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';
import {
  rangeDigestColumns,
  taskDigestColumns,
  toRangeDigest,
  toTaskDigest,
  type RangeDigest,
  type TaskDigest,
  type TaskDigestRow,
  type TaskRange,
} from './task-digest.js';

export interface GlobalTaskDigest extends TaskDigest {
  /** Its owner has deleted it (I5). */
  isForgotten: boolean;
}

/** Reads of `global_tasks` for the reconciler. */
@Injectable()
export class TaskDigestsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Without locks. */
  async list(taskIds: string[], stillForMs: number): Promise<GlobalTaskDigest[]> {
    const rows = await this.database.rows<TaskDigestRow & { isForgotten: number | string }>(
      `SELECT ${taskDigestColumns('global_task_results')}, t.forgotten_at IS NOT NULL AS isForgotten
       FROM global_tasks t WHERE t.task_id IN (?)`,
      [stillForMs * 1_000, taskIds],
    );
    return rows.map((row) => ({ ...toTaskDigest(row), isForgotten: Number(row.isForgotten) === 1 }));
  }

  /** Of users' tasks; those that their owners deleted are on no other side. */
  async digestRange({ after, upTo }: TaskRange): Promise<RangeDigest> {
    const [row] = await this.database.rows<{ tasks: string; sum: string }>(
      `SELECT ${rangeDigestColumns('global_task_results')} FROM global_tasks t
       WHERE t.task_id > ? AND t.task_id <= ? AND t.source_type = 'client' AND t.forgotten_at IS NULL`,
      [after, upTo],
    );
    return toRangeDigest(row);
  }

  /** Holds the tasks until the transaction ends, so that their states and results are read as of one moment. */
  async lock(transaction: Executor, taskIds: string[]): Promise<void> {
    await transaction.rows('SELECT id FROM global_tasks WHERE task_id IN (?) ORDER BY task_id FOR UPDATE', [taskIds]);
  }
}
