import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import {
  taskDigestColumns,
  toTaskDigest,
  type ParameterType,
  type TaskDigest,
  type TaskDigestRow,
  type TaskParameter,
} from '../../shared/index.js';
import { CLIENT_TASK_COLUMNS, toWishedTask, type ClientTaskRecord } from './client-task.record.js';
import type { WishedTask } from './task-wish.js';

/** Reads of all users' tasks for the reconciler. */
@Injectable()
export class ClientTaskDigestsRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** The next tasks by id, without locks. */
  async listAfter(taskId: string, limit: number, stillForMs: number): Promise<TaskDigest[]> {
    const rows = await this.database.rows<TaskDigestRow>(
      `SELECT ${taskDigestColumns('client_task_results')}
       FROM client_tasks t WHERE t.task_id > ? ORDER BY t.task_id LIMIT ${limit}`,
      [stillForMs * 1_000, taskId],
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
