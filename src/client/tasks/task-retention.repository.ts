import { Injectable } from '@nestjs/common';
import type { TimeCursor } from '../../common/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { CLIENT_TASK_COLUMNS, toWishedTask, type ClientTaskRecord } from './client-task.record.js';
import type { WishedTask } from './task-wish.js';

export type EndedStatus = 'completed' | 'failed' | 'cancelled';

export interface OldTask extends TimeCursor {
  taskId: string;
}

export interface ForgettableTask {
  rowId: string;
  task: WishedTask;
}

const ENDED_AT = 'COALESCE(t.completed_at, t.updated_at)';

/** SQL of the removal of users' tasks. */
@Injectable()
export class TaskRetentionRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** Ended before `time`, in the order in which they were made: none ends before that. */
  listEnded(
    { status, before }: { status: EndedStatus; before: Date },
    { createdAt, id }: TimeCursor,
    limit: number,
  ): Promise<OldTask[]> {
    return this.database.rows<OldTask>(
      `SELECT t.id, t.task_id AS taskId, t.created_at AS createdAt FROM client_tasks t
       WHERE t.status = ? AND t.created_at >= ? AND (t.created_at > ? OR t.id > ?) AND t.created_at < ?
         AND ${ENDED_AT} < ?
       ORDER BY t.created_at, t.id LIMIT ${limit}`,
      [status, createdAt, createdAt, id, before, before],
    );
  }

  /**
   * Those of them that are still over and of which the queue knows all: held until the transaction ends. A task with a
   * wish that is under way or parked waits. Wishes lock the task first, so that none comes in between.
   */
  async lockForgettable(transaction: Executor, taskIds: string[], before: Date): Promise<ForgettableTask[]> {
    const tasks = await transaction.rows<ClientTaskRecord>(
      `SELECT ${CLIENT_TASK_COLUMNS} FROM client_tasks t
       WHERE t.task_id IN (?) AND t.status IN ('completed', 'failed', 'cancelled') AND ${ENDED_AT} < ?
       ORDER BY t.task_id FOR UPDATE`,
      [taskIds, before],
    );
    const wished = await transaction.rows<{ taskId: string }>(
      'SELECT DISTINCT aggregate_id AS taskId FROM outbox WHERE aggregate_id IN (?) AND published_at IS NULL',
      [taskIds],
    );
    const waiting = new Set(wished.map(({ taskId }) => taskId));
    return tasks
      .filter(({ taskId }) => !waiting.has(taskId))
      .map((task) => ({ rowId: task.id, task: toWishedTask(task, []) }));
  }

  /** With parameters and results, by their foreign keys, and with what was sent about them. */
  async remove(transaction: Executor, rowIds: string[], taskIds: string[]): Promise<void> {
    await transaction.run('DELETE FROM webhook_deliveries WHERE task_id IN (?)', [taskIds]);
    await transaction.run('DELETE FROM client_tasks WHERE id IN (?)', [rowIds]);
  }
}
