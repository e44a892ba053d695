import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type SqlValue } from '../../database/index.js';
import type { TaskStatus, TaskType } from '../../shared/index.js';
import { CLIENT_TASK_COLUMNS, type ClientTaskRecord } from './client-task.record.js';
import type { TimeCursor } from '../../common/index.js';

/** Which of one user's tasks. */
export interface TaskFilter {
  clientId: string;
  status?: TaskStatus | undefined;
  taskType?: TaskType | undefined;
}

/** `offset` counts from the newest task, or with `fromOldest` from the oldest one. */
interface Stretch {
  offset: number;
  limit: number;
  fromOldest?: boolean;
}

/** So many rows are skipped sooner than the page is sorted once more. */
const NEAR = 1_000;

/**
 * SQL of long lists of a user's tasks, newest first. The index is named: with a million tasks of one user the server
 * takes another one, and sorts them all for each page.
 */
@Injectable()
export class TaskPagesRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async count(filter: TaskFilter): Promise<number> {
    const { where, values } = conditions(filter);
    const [row] = await this.database.rows<{ total: string }>(
      `SELECT COUNT(*) AS total FROM client_tasks ${indexFor(filter)} WHERE ${where}`,
      values,
    );
    return Number(row?.total ?? 0);
  }

  async listByOffset(filter: TaskFilter, { offset, limit, fromOldest = false }: Stretch): Promise<ClientTaskRecord[]> {
    const { where, values } = conditions(filter);
    const from = `FROM client_tasks ${indexFor(filter)} WHERE ${where}`;
    const newestFirst = 'ORDER BY created_at DESC, id DESC';
    const stretch = [...values, limit, offset];
    if (!fromOldest && offset < NEAR) {
      return this.database.rows(`SELECT ${CLIENT_TASK_COLUMNS} ${from} ${newestFirst} LIMIT ? OFFSET ?`, stretch);
    }
    // Skips in the index alone; only the rows of the page itself are read.
    const order = fromOldest ? 'ORDER BY created_at, id' : newestFirst;
    return this.database.rows(
      `SELECT ${CLIENT_TASK_COLUMNS} FROM (SELECT id AS page_id ${from} ${order} LIMIT ? OFFSET ?) page
       JOIN client_tasks ON id = page_id ${newestFirst}`,
      stretch,
    );
  }

  /** The tasks after (older than) the one that the cursor names. */
  async listAfter(filter: TaskFilter, { createdAt, id }: TimeCursor, limit: number): Promise<ClientTaskRecord[]> {
    const { where, values } = conditions(filter);
    return this.database.rows(
      `SELECT ${CLIENT_TASK_COLUMNS} FROM client_tasks ${indexFor(filter)}
       WHERE ${where} AND created_at <= ? AND (created_at < ? OR id < ?)
       ORDER BY created_at DESC, id DESC LIMIT ?`,
      [...values, createdAt, createdAt, id, limit],
    );
  }
}

function indexFor({ status }: TaskFilter): string {
  const columns = status ? 'status_created_at' : 'created_at_id';
  return `FORCE INDEX (ix_client_tasks_client_id_${columns})`;
}

function conditions({ clientId, status, taskType }: TaskFilter): { where: string; values: SqlValue[] } {
  const columns: [string, string | undefined][] = [
    ['client_id', clientId],
    ['status', status],
    ['task_type', taskType],
  ];
  const given = columns.filter(([, value]) => value !== undefined);
  return { where: given.map(([column]) => `${column} = ?`).join(' AND '), values: given.map(([, value]) => value) };
}
