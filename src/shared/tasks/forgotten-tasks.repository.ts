import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';

export interface ForgottenTask {
  id: string;
  taskId: string;
  endedAt: Date;
}

export interface EndCursor {
  endedAt: Date;
  id: string;
}

/** SQL of the removal of tasks whose owners have removed them. */
@Injectable()
export class ForgottenTasksRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** In the order in which they ended: of what ended so long ago nearly all is forgotten. */
  list(before: Date, { endedAt, id }: EndCursor, limit: number): Promise<ForgottenTask[]> {
    return this.database.rows<ForgottenTask>(
      `SELECT id, task_id AS taskId, completed_at AS endedAt FROM global_tasks
       WHERE completed_at >= ? AND (completed_at > ? OR id > ?) AND completed_at < ? AND forgotten_at IS NOT NULL
       ORDER BY completed_at, id LIMIT ${limit}`,
      [endedAt, endedAt, id, before],
    );
  }

  /** Those that are over, with no attempt open and every state announced: held until the transaction ends. */
  async lockRemovable(transaction: Executor, ids: string[]): Promise<string[]> {
    const rows = await transaction.rows<{ id: string; taskId: string }>(
      `SELECT id, task_id AS taskId FROM global_tasks
       WHERE id IN (?) AND forgotten_at IS NOT NULL AND status IN ('completed', 'failed', 'cancelled')
       ORDER BY id FOR UPDATE`,
      [ids],
    );
    if (rows.length === 0) return [];
    const open = await transaction.rows<{ id: string }>(
      'SELECT open_task_id AS id FROM node_task_assignments WHERE open_task_id IN (?)',
      [ids],
    );
    const changed = await transaction.rows<{ id: string }>(
      'SELECT DISTINCT aggregate_id AS id FROM outbox WHERE aggregate_id IN (?) AND published_at IS NULL',
      [rows.map(({ taskId }) => taskId)],
    );
    const needed = new Set([...open, ...changed].map(({ id }) => id));
    return rows.filter(({ id, taskId }) => !needed.has(id) && !needed.has(taskId)).map(({ id }) => id);
  }

  /** Results and inputs: bytes that a task refers to. */
  async listFiles(transaction: Executor, ids: string[]): Promise<{ fileIds: string[]; hashes: string[] }> {
    const rows = await transaction.rows<{ fileId: string | null; hash: string | null }>(
      `SELECT file_id AS fileId, file_hash AS hash FROM global_task_results WHERE task_id IN (?)
       UNION ALL
       SELECT NULL, file_hash FROM global_task_parameters WHERE task_id IN (?) AND file_hash IS NOT NULL`,
      [ids, ids],
    );
    return {
      fileIds: rows.flatMap(({ fileId }) => fileId ?? []),
      hashes: rows.flatMap(({ hash }) => hash ?? []),
    };
  }

  /** With parameters, results and attempts, by their foreign keys. */
  async remove(transaction: Executor, ids: string[], fileIds: string[]): Promise<number> {
    if (fileIds.length > 0) await transaction.run('DELETE FROM global_files WHERE file_id IN (?)', [fileIds]);
    return transaction.run('DELETE FROM global_tasks WHERE id IN (?)', [ids]);
  }
}
