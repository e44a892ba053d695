import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { TaskStatus } from '../../shared/index.js';

/** As much of a task as its events tell. */
export interface WatchedTask {
  taskId: string;
  clientId: string;
  status: TaskStatus;
  runNo: number;
  stateVersion: number;
  progress: string;
  message: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  startedAt: Date | null;
  completedAt: Date | null;
  updatedAt: Date;
}

/** A task that waits or runs, for the forecast. */
export interface ActiveTask {
  taskId: string;
  clientId: string;
  workflowName: string;
  estimatedSeconds: number | null;
  startedAt: Date | null;
}

const COLUMNS = `task_id AS taskId, client_id AS clientId, status, run_no AS runNo, state_version AS stateVersion,
  progress, message, error_code AS errorCode, error_message AS errorMessage, started_at AS startedAt,
  completed_at AS completedAt, updated_at AS updatedAt`;

/** SQL of looking at tasks for those who listen: narrow rows, by indexes alone. */
@Injectable()
export class WatchedTasksRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** Which of these users may not read any more. */
  async listDisabled(clientIds: string[]): Promise<string[]> {
    const rows = await this.database.rows<{ clientId: string }>(
      'SELECT client_id AS clientId FROM client_users WHERE client_id IN (?) AND is_active = 0',
      [clientIds],
    );
    return rows.map(({ clientId }) => clientId);
  }

  /** The time by which rows are stamped, whatever this machine's clock says. */
  async now(): Promise<Date> {
    const [row] = await this.database.rows<{ now: Date }>('SELECT CURRENT_TIMESTAMP(3) AS now');
    return row!.now;
  }

  async find(clientId: string, taskId: string): Promise<WatchedTask | undefined> {
    const [task] = await this.database.rows<WatchedTask>(
      `SELECT ${COLUMNS} FROM client_tasks WHERE task_id = ? AND client_id = ?`,
      [taskId, clientId],
    );
    return task;
  }

  /** A range of ix_client_tasks_client_id_updated_at for each user. */
  listChanged(clientIds: string[], since: Date): Promise<WatchedTask[]> {
    return this.database.rows(
      `SELECT ${COLUMNS} FROM client_tasks WHERE client_id IN (?) AND updated_at >= ? ORDER BY updated_at, id`,
      [clientIds, since],
    );
  }

  /** What a user who begins to listen is shown: all that is not over, and whatever has changed since. */
  async listForSnapshot(clientId: string, since: Date, limit: number): Promise<WatchedTask[]> {
    const [open, changed] = await Promise.all([
      this.database.rows<WatchedTask>(
        `SELECT ${COLUMNS} FROM client_tasks WHERE client_id = ? AND status IN ('queued', 'processing')
         ORDER BY created_at DESC LIMIT ?`,
        [clientId, limit],
      ),
      this.database.rows<WatchedTask>(
        `SELECT ${COLUMNS} FROM client_tasks WHERE client_id = ? AND updated_at >= ? ORDER BY updated_at DESC LIMIT ?`,
        [clientId, since, limit],
      ),
    ]);
    // The later read wins where both have a task; either is at least as new as the snapshot's id.
    return [...new Map([...open, ...changed].map((task) => [task.taskId, task])).values()].slice(0, limit);
  }

  /** The head of the queue over all users, or what runs now. */
  listActive(status: 'queued' | 'processing', limit: number): Promise<ActiveTask[]> {
    return this.database.rows(
      `SELECT task_id AS taskId, client_id AS clientId, workflow_name AS workflowName,
         estimated_time AS estimatedSeconds, started_at AS startedAt
       FROM client_tasks WHERE status = ? ORDER BY created_at, id LIMIT ?`,
      [status, limit],
    );
  }

  /** How long the last completed runs took. */
  async listRunTimes(limit: number): Promise<{ workflowName: string; seconds: number }[]> {
    const rows = await this.database.rows<{ workflowName: string; microseconds: string | null }>(
      `SELECT workflow_name AS workflowName, TIMESTAMPDIFF(MICROSECOND, started_at, completed_at) AS microseconds
       FROM client_tasks WHERE status = 'completed' ORDER BY created_at DESC, id DESC LIMIT ?`,
      [limit],
    );
    return rows.flatMap(({ workflowName, microseconds }) =>
      microseconds === null ? [] : [{ workflowName, seconds: Math.max(0, Number(microseconds) / 1_000_000) }],
    );
  }
}
