import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';
import { taskDigestColumns, toTaskDigest, type TaskDigest, type TaskDigestRow } from './task-digest.js';

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

  /** Holds the tasks until the transaction ends, so that their states and results are read as of one moment. */
  async lock(transaction: Executor, taskIds: string[]): Promise<void> {
    await transaction.rows('SELECT id FROM global_tasks WHERE task_id IN (?) ORDER BY task_id FOR UPDATE', [taskIds]);
  }
}
