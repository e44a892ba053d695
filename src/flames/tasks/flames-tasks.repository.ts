import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database, type Executor, type SqlValue } from '../../database/index.js';
import type { FlamesTaskConfig, FlamesTaskRecord } from './flames-task.js';
import { taskStatusesBefore } from './task-state.js';

export interface NewFlamesTask {
  taskId: string;
  modelName: string;
  datasetId: number;
  submitTime: Date;
  config: FlamesTaskConfig;
  userName: string;
  totalItems: number;
}

export interface TaskFilters {
  modelName?: string;
  datasetId?: number;
  status?: string;
}

export interface SealedKeys {
  sealedKey: string;
  scorerKey: string | null;
}

const COLUMNS = `task_id AS taskId, model_name AS modelName, status, dataset_id AS datasetId, submit_time AS submitTime,
  end_time AS endTime, config, error_code AS errorCode, error_message AS errorMessage, user_name AS userName,
  paused_at AS pausedAt, cancel_requested_at AS cancelRequestedAt, total_items AS totalItems, calls_used AS callsUsed,
  tokens_used AS tokensUsed`;

/** SQL of tasks as people see, make and stop them; what a runner writes is in task-claims.repository.ts. */
@Injectable()
export class FlamesTasksRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  async find(taskId: string): Promise<FlamesTaskRecord | undefined> {
    const [row] = await this.database.rows<FlamesTaskRecord>(
      `SELECT ${COLUMNS}, result FROM task_flames WHERE task_id = ?`,
      [taskId],
    );
    return row && { ...row, result: fromJson(row.result), config: fromJson(row.config) };
  }

  /** Newest first, without their results, which hold rows of logs. */
  list(filters: TaskFilters, { limit, offset }: { limit: number; offset: number }): Promise<FlamesTaskRecord[]> {
    const { sql, values } = whereOf(filters);
    return this.database.rows<FlamesTaskRecord>(
      `SELECT ${COLUMNS} FROM task_flames ${sql} ORDER BY submit_time DESC, task_id DESC LIMIT ? OFFSET ?`,
      [...values, limit, offset],
    );
  }

  async countByStatus(): Promise<Record<string, number>> {
    const rows = await this.database.rows<{ status: string | null; tasks: string }>(
      'SELECT status, COUNT(*) AS tasks FROM task_flames GROUP BY status',
    );
    return Object.fromEntries(rows.map(({ status, tasks }) => [status ?? 'unknown', Number(tasks)]));
  }

  async count(filters: TaskFilters): Promise<number> {
    const { sql, values } = whereOf(filters);
    const [row] = await this.database.rows<{ tasks: string }>(
      `SELECT COUNT(*) AS tasks FROM task_flames ${sql}`,
      values,
    );
    return Number(row!.tasks);
  }

  /** With its sealed keys; its items are written in the same transaction. */
  async insert(transaction: Executor, task: NewFlamesTask, keys: SealedKeys): Promise<void> {
    const { taskId, modelName, datasetId, submitTime, config, userName, totalItems } = task;
    await transaction.run(
      `INSERT INTO task_flames (task_id, model_name, status, dataset_id, submit_time, config, user_name, total_items)
       VALUES (?, ?, 'pending', ?, ?, ?, ?, ?)`,
      [taskId, modelName, datasetId, submitTime, JSON.stringify(config), userName, totalItems],
    );
    await transaction.run('INSERT INTO flames_task_keys (task_id, sealed_key, scorer_key) VALUES (?, ?, ?)', [
      taskId,
      keys.sealedKey,
      keys.scorerKey,
    ]);
  }

  async findKeys(taskId: string): Promise<SealedKeys | undefined> {
    const [row] = await this.database.rows<SealedKeys>(
      'SELECT sealed_key AS sealedKey, scorer_key AS scorerKey FROM flames_task_keys WHERE task_id = ?',
      [taskId],
    );
    return row;
  }

  /** False where the task is over. A second pause keeps the time of the first. */
  async pause(taskId: string): Promise<boolean> {
    const sql = `UPDATE task_flames SET paused_at = COALESCE(paused_at, UTC_TIMESTAMP(3))
      WHERE task_id = ? AND status IN ('pending', 'running')`;
    return (await this.database.run(sql, [taskId])) === 1;
  }

  async resume(taskId: string): Promise<boolean> {
    const sql = `UPDATE task_flames SET paused_at = NULL WHERE task_id = ? AND status IN ('pending', 'running')`;
    return (await this.database.run(sql, [taskId])) === 1;
  }

  /**
   * A task that nobody works on ends at once; of one at work the runner is told, which keeps the answers that are just
   * coming in. False where the task is over already.
   */
  cancel(taskId: string): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      const ended = await transaction.run(
        `UPDATE task_flames SET status = 'cancelled', cancel_requested_at = UTC_TIMESTAMP(3),
           end_time = UTC_TIMESTAMP(3), lease_until = NULL, lease_token = lease_token + 1,
           error_code = NULL, error_message = NULL
         WHERE task_id = ? AND status IN (?) AND (lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3))`,
        [taskId, taskStatusesBefore('cancelled')],
      );
      if (ended === 1) {
        await transaction.run('DELETE FROM flames_task_keys WHERE task_id = ?', [taskId]);
        return true;
      }
      const told = await transaction.run(
        `UPDATE task_flames SET cancel_requested_at = COALESCE(cancel_requested_at, UTC_TIMESTAMP(3))
         WHERE task_id = ? AND status IN (?)`,
        [taskId, taskStatusesBefore('cancelled')],
      );
      return told === 1;
    });
  }
}

function whereOf({ modelName, datasetId, status }: TaskFilters): { sql: string; values: SqlValue[] } {
  const wanted: [string, SqlValue][] = [
    ['model_name', modelName],
    ['dataset_id', datasetId],
    ['status', status],
  ];
  const given = wanted.filter(([, value]) => value !== undefined);
  const sql = given.length === 0 ? '' : `WHERE ${given.map(([column]) => `${column} = ?`).join(' AND ')}`;
  return { sql, values: given.map(([, value]) => value) };
}
