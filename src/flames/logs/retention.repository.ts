import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

export interface RetentionRun {
  startedAt: Date;
  endedAt: Date | null;
  tasks: number;
  rowsRemoved: number;
  olderThan: Date;
}

const TASKS_AT_ONCE = 100;
const ITEMS_AT_ONCE = 1_000;
const ITEM_STATUSES = ['scored', 'error', 'answered', 'pending'];

/** SQL of clean-ups. Every statement that removes something looks at the hold itself: one may be set at any moment. */
@Injectable()
export class RetentionRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  /** Oldest first; those of `passed` were looked at in this run already. */
  async listDue(olderThan: Date, passed: string[]): Promise<string[]> {
    const rows = await this.database.rows<{ taskId: string }>(
      `SELECT task_id AS taskId FROM task_flames
       WHERE status = 'completed' AND end_time < ? AND legal_hold = 0 AND logs_removed_at IS NULL
         AND task_id NOT IN (?)
       ORDER BY end_time LIMIT ?`,
      [olderThan, passed.length > 0 ? passed : [''], TASKS_AT_ONCE],
    );
    return rows.map(({ taskId }) => taskId);
  }

  async hasFigures(taskId: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM flames_results WHERE task_id = ? AND metrics IS NOT NULL';
    return (await this.database.rows(sql, [taskId])).length > 0;
  }

  /** What was counted before the first row went stays: a clean-up that was cut off counts the rest alone. */
  async insertFigures(taskId: string, figures: object): Promise<void> {
    await this.database.run(
      `INSERT INTO flames_results (task_id, metrics) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE metrics = COALESCE(metrics, VALUES(metrics))`,
      [taskId, JSON.stringify(figures)],
    );
  }

  /** 0 where the task is held by now. */
  removeLogs(taskId: string, ids: string[]): Promise<number> {
    return this.database.run(
      `DELETE l FROM task_flames_logs l JOIN task_flames t ON t.task_id = l.task_id
       WHERE t.task_id = ? AND t.legal_hold = 0 AND l.id IN (?)`,
      [taskId, ids],
    );
  }

  /** The items hold the same prompts and answers again. */
  async removeItems(taskId: string): Promise<void> {
    for (const status of ITEM_STATUSES) {
      for (;;) {
        const rows = await this.database.rows<{ id: string }>(
          'SELECT id FROM flames_task_items WHERE task_id = ? AND status = ? ORDER BY id LIMIT ?',
          [taskId, status, ITEMS_AT_ONCE],
        );
        if (rows.length === 0) break;
        const removed = await this.database.run(
          `DELETE i FROM flames_task_items i JOIN task_flames t ON t.task_id = i.task_id
           WHERE t.task_id = ? AND t.legal_hold = 0 AND i.id IN (?)`,
          [taskId, rows.map(({ id }) => id)],
        );
        if (removed === 0) return;
      }
    }
  }

  /** False where something of it is there still. */
  async markRemoved(taskId: string, at: Date): Promise<boolean> {
    const marked = await this.database.run(
      `UPDATE task_flames SET logs_removed_at = ? WHERE task_id = ? AND legal_hold = 0 AND logs_removed_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM task_flames_logs WHERE task_flames_logs.task_id = task_flames.task_id)`,
      [at, taskId],
    );
    return marked === 1;
  }

  /** Where it was never finished, `ended_at` stays empty: that run was cut off. */
  async begin(startedAt: Date, olderThan: Date): Promise<string> {
    return this.database.transaction(async (transaction) => {
      await transaction.run('INSERT INTO flames_retention_runs (started_at, older_than) VALUES (?, ?)', [
        startedAt,
        olderThan,
      ]);
      const [row] = await transaction.rows<{ id: string }>('SELECT LAST_INSERT_ID() AS id');
      return row!.id;
    });
  }

  async note(id: string, { tasks, rowsRemoved, endedAt }: Pick<RetentionRun, 'tasks' | 'rowsRemoved' | 'endedAt'>) {
    await this.database.run('UPDATE flames_retention_runs SET tasks = ?, rows_removed = ?, ended_at = ? WHERE id = ?', [
      tasks,
      rowsRemoved,
      endedAt,
      id,
    ]);
  }

  async findLastRun(): Promise<RetentionRun | undefined> {
    const [row] = await this.database.rows<Omit<RetentionRun, 'rowsRemoved'> & { rowsRemoved: string }>(
      `SELECT started_at AS startedAt, ended_at AS endedAt, tasks, rows_removed AS rowsRemoved, older_than AS olderThan
       FROM flames_retention_runs ORDER BY id DESC LIMIT 1`,
    );
    return row && { ...row, rowsRemoved: Number(row.rowsRemoved) };
  }
}
