import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';

/** Users' tasks that name an upload, whatever has become of them. */
const IS_NEEDED = `EXISTS (SELECT 1 FROM client_task_parameters p JOIN client_tasks t ON t.id = p.task_id
  WHERE p.file_hash = u.file_hash AND p.parameter_value = JSON_QUOTE(u.file_path) AND t.client_id = u.client_id)`;

/** SQL of the removal of uploads. */
@Injectable()
export class UploadRetentionRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** Sent before `time` and needed by no task, by id. */
  async listUnneeded(time: Date, after: string, limit: number): Promise<{ id: string; fileId: string }[]> {
    return this.database.rows(
      `SELECT u.id, u.file_id AS fileId FROM client_uploads u
       WHERE u.id > ? AND u.created_at < ? AND NOT ${IS_NEEDED} ORDER BY u.id LIMIT ${limit}`,
      [after, time],
    );
  }

  /** False where a task has come to need it. Submits hold the upload's row: its lock first, then the look at tasks. */
  async removeUnneeded(transaction: Executor, id: string): Promise<boolean> {
    await transaction.rows('SELECT id FROM client_uploads WHERE id = ? FOR UPDATE', [id]);
    const needed = await transaction.rows(`SELECT u.id FROM client_uploads u WHERE u.id = ? AND ${IS_NEEDED}`, [id]);
    if (needed.length > 0) return false;
    return (await transaction.run('DELETE FROM client_uploads WHERE id = ?', [id])) === 1;
  }
}
