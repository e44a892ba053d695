import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import {
  rangeDigestColumns,
  taskDigestColumns,
  toRangeDigest,
  toTaskDigest,
  type ParameterType,
  type RangeDigest,
  type TaskDigest,
  type TaskDigestRow,
  type TaskParameter,
  type TaskRange,
} from '../../shared/index.js';
import { CLIENT_TASK_COLUMNS, toWishedTask, type ClientTaskRecord } from './client-task.record.js';
import type { WishedTask } from './task-wish.js';

/** Reads of all users' tasks for the reconciler. */
@Injectable()
export class ClientTaskDigestsRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** Where the next so many tasks by id end; undefined: there are none. */
  async findRangeAfter(after: string, size: number): Promise<{ range: TaskRange; tasks: number } | undefined> {
    const [row] = await this.database.rows<{ upTo: string | null; tasks: string }>(
      `SELECT MAX(task_id) AS upTo, COUNT(*) AS tasks
       FROM (SELECT task_id FROM client_tasks WHERE task_id > ? ORDER BY task_id LIMIT ${size}) next`,
      [after],
    );
    return row?.upTo ? { range: { after, upTo: row.upTo }, tasks: Number(row.tasks) } : undefined;
  }

  /** Without those that can never be applied to `shared` (I6): they are on no other side. */
  async digestRange({ after, upTo }: TaskRange): Promise<RangeDigest> {
    const [row] = await this.database.rows<{ tasks: string; sum: string }>(
      `SELECT ${rangeDigestColumns('client_task_results')} FROM client_tasks t
       WHERE t.task_id > ? AND t.task_id <= ? AND COALESCE(t.error_code, '') <> 'SYNC_REJECTED'`,
      [after, upTo],
    );
    return toRangeDigest(row);
  }

  /** The first tasks of a range by id, without locks. */
  async list({ after, upTo }: TaskRange, limit: number, stillForMs: number): Promise<TaskDigest[]> {
    const rows = await this.database.rows<TaskDigestRow>(
      `SELECT ${taskDigestColumns('client_task_results')}
       FROM client_tasks t WHERE t.task_id > ? AND t.task_id <= ? ORDER BY t.task_id LIMIT ${limit}`,
      [stillForMs * 1_000, after, upTo],
    );
    return rows.map(toTaskDigest);
  }

  /** Held until the transaction ends: a task that is being deleted is not announced after its deletion (I5). */
  async lockWishes(executor: Executor, taskIds: string[]): Promise<WishedTask[]> {
    const tasks = await executor.rows<ClientTaskRecord>(
      `SELECT ${CLIENT_TASK_COLUMNS} FROM client_tasks WHERE task_id IN (?) ORDER BY task_id FOR UPDATE`,
      [taskIds],
    );
    if (tasks.length === 0) return [];
    const parameters = await executor.rows<{ rowId: string; name: string; type: ParameterType; value: string }>(
      `SELECT task_id AS rowId, parameter_name AS name, parameter_type AS type, parameter_value AS value
       FROM client_task_parameters WHERE task_id IN (?) ORDER BY id`,
      [tasks.map(({ id }) => id)],
    );
    const byTask = new Map<string, TaskParameter[]>(tasks.map(({ id }) => [id, []]));
    for (const { rowId, ...parameter } of parameters) byTask.get(rowId)!.push(parameter);
    return tasks.map((task) => toWishedTask(task, byTask.get(task.id)!));
  }
}
