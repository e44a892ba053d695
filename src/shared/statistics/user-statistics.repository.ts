import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';
import { renewing } from './counts.repository.js';
import type { EndedStatus } from './task-counts.js';

export interface UserUse {
  sourceType: string;
  sourceUserId: string;
  submitted: number;
  completed: number;
  failed: number;
  cancelled: number;
  runMsTotal: number;
  fileBytes: number;
}

interface FactRow {
  sourceType: string;
  sourceUserId: string;
  status: 'submitted' | EndedStatus;
  tasks: string;
  runMs: string;
  bytes: string;
}

const SUMS = ['submitted', 'completed', 'failed', 'cancelled', 'run_ms_total', 'file_bytes'];
const ROWS_A_STATEMENT = 500;
const USER = `t.source_type COLLATE utf8mb4_bin AS sourceType, t.source_user_id COLLATE utf8mb4_bin AS sourceUserId`;
const ENDED = `t.completed_at >= ? AND t.completed_at < ? + INTERVAL 1 DAY AND t.status IN ('completed', 'failed', 'cancelled')`;
const RUN_MS = 'GREATEST(0, TIMESTAMPDIFF(MICROSECOND, t.started_at, t.completed_at) DIV 1000)';

/** SQL of `user_statistics`: what each user did on a day. */
@Injectable()
export class UserStatisticsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Counts the day anew from the rows of tasks. */
  async renew(transaction: Executor, day: string): Promise<void> {
    const users = addUp(await this.readFacts(transaction, day));
    const before = await transaction.rows<UserUse & { id: string }>(
      'SELECT id, source_type AS sourceType, source_user_id AS sourceUserId FROM user_statistics WHERE stat_date = ?',
      [day],
    );
    const vanished = before.filter((row) => !users.has(keyOf(row))).map(({ id }) => id);
    if (vanished.length > 0) await transaction.run('DELETE FROM user_statistics WHERE id IN (?)', [vanished]);
    const sorted = [...users.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    for (let from = 0; from < sorted.length; from += ROWS_A_STATEMENT) {
      const batch = sorted.slice(from, from + ROWS_A_STATEMENT);
      await transaction.run(
        `INSERT INTO user_statistics (stat_date, source_type, source_user_id, ${SUMS.join(', ')})
         VALUES ${batch.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')} ON DUPLICATE KEY UPDATE ${renewing(SUMS)}`,
        batch.flatMap((user) => [
          ...[day, user.sourceType, user.sourceUserId, user.submitted, user.completed, user.failed, user.cancelled],
          ...[user.runMsTotal, user.fileBytes],
        ]),
      );
    }
  }

  /** By machine time, the longest first. Days as `2026-11-22`, both included. */
  async list(from: string, to: string, { limit, offset }: { limit: number; offset: number }): Promise<Page<UserUse>> {
    const [rows, [counted]] = await Promise.all([
      this.database.rows<UserUse>(
        `SELECT source_type AS sourceType, source_user_id AS sourceUserId, SUM(submitted) AS submitted,
           SUM(completed) AS completed, SUM(failed) AS failed, SUM(cancelled) AS cancelled,
           SUM(run_ms_total) AS runMsTotal, SUM(file_bytes) AS fileBytes
         FROM user_statistics WHERE stat_date BETWEEN ? AND ? GROUP BY source_type, source_user_id
         ORDER BY runMsTotal DESC, submitted DESC, sourceUserId, sourceType LIMIT ? OFFSET ?`,
        [from, to, limit, offset],
      ),
      this.database.rows<{ total: string }>(
        'SELECT COUNT(DISTINCT source_type, source_user_id) AS total FROM user_statistics WHERE stat_date BETWEEN ? AND ?',
        [from, to],
      ),
    ]);
    return { items: rows.map(toUse), total: Number(counted!.total) };
  }

  private async readFacts(executor: Executor, day: string): Promise<FactRow[]> {
    const submitted = await executor.rows<FactRow>(
      `SELECT ${USER}, 'submitted' AS status, COUNT(*) AS tasks, 0 AS runMs, 0 AS bytes FROM global_tasks t
       WHERE t.created_at >= ? AND t.created_at < ? + INTERVAL 1 DAY GROUP BY sourceType, sourceUserId`,
      [day, day],
    );
    const ended = await executor.rows<FactRow>(
      `SELECT ${USER}, t.status, COUNT(*) AS tasks, COALESCE(SUM(${RUN_MS}), 0) AS runMs, 0 AS bytes FROM global_tasks t
       WHERE ${ENDED} GROUP BY sourceType, sourceUserId, t.status`,
      [day, day],
    );
    const bytes = await executor.rows<FactRow>(
      `SELECT ${USER}, 'completed' AS status, 0 AS tasks, 0 AS runMs, SUM(r.file_size) AS bytes
       FROM global_tasks t JOIN global_task_results r ON r.task_id = t.id AND r.run_no = t.run_no
       WHERE ${ENDED} GROUP BY sourceType, sourceUserId`,
      [day, day],
    );
    return [...submitted, ...ended, ...bytes];
  }
}

function addUp(facts: FactRow[]): Map<string, UserUse> {
  const users = new Map<string, UserUse>();
  for (const { sourceType, sourceUserId, status, tasks, runMs, bytes } of facts) {
    const sums = { submitted: 0, completed: 0, failed: 0, cancelled: 0, runMsTotal: 0, fileBytes: 0 };
    const user = users.get(keyOf({ sourceType, sourceUserId })) ?? { sourceType, sourceUserId, ...sums };
    user[status] += Number(tasks);
    user.runMsTotal += Number(runMs);
    user.fileBytes += Number(bytes ?? 0);
    users.set(keyOf(user), user);
  }
  return users;
}

function keyOf({ sourceType, sourceUserId }: Pick<UserUse, 'sourceType' | 'sourceUserId'>): string {
  return JSON.stringify([sourceType, sourceUserId]);
}

function toUse(row: UserUse): UserUse {
  const { sourceType, sourceUserId, ...sums } = row;
  const numbers = Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, Number(value)]));
  return { sourceType, sourceUserId, ...(numbers as Omit<UserUse, 'sourceType' | 'sourceUserId'>) };
}
