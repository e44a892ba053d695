import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { TaskType } from './task-events.js';
import type { TaskStatus } from './task-state.js';

export interface WaitingTasks {
  taskType: TaskType;
  tasks: number;
  oldestSeconds: number;
}

/** How a task ended, and how long it had waited and run; undefined where it never ran. */
export interface EndedTask {
  status: TaskStatus;
  waitSeconds: number | undefined;
  runSeconds: number | undefined;
}

export interface LeaseState {
  name: string;
  owner: string | null;
  /** Grows with each change of owner. */
  token: number;
  /** Grows while its owner is alive. */
  renewals: string;
}

/** What the rows of the queue say in numbers, by queries that stay cheap however many tasks there were. */
@Injectable()
export class QueueFiguresRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** The index has no task type; all tasks of one requirement have the same, so one of each is looked at. */
  async listWaiting(): Promise<WaitingTasks[]> {
    const rows = await this.database.rows<{ taskType: TaskType; tasks: string; ageUs: string }>(
      `SELECT t.task_type AS taskType, SUM(q.tasks) AS tasks,
              TIMESTAMPDIFF(MICROSECOND, MIN(q.oldest), CURRENT_TIMESTAMP(3)) AS ageUs
       FROM (SELECT COUNT(*) AS tasks, MIN(queued_at) AS oldest, MIN(id) AS id
             FROM global_tasks FORCE INDEX (ix_global_tasks_queue_head)
             WHERE status = 'queued' GROUP BY requirement_key) q
       JOIN global_tasks t ON t.id = q.id GROUP BY t.task_type`,
    );
    return rows.map(({ taskType, tasks, ageUs }) => ({
      taskType,
      tasks: Number(tasks),
      oldestSeconds: Math.max(0, Number(ageUs) / 1e6),
    }));
  }

  /** Walks the smallest index that has it: a fifth of a second for a million tasks, so not for every request. */
  async countByStatus(): Promise<Map<TaskStatus, number>> {
    const rows = await this.database.rows<{ status: TaskStatus; tasks: string }>(
      `SELECT status, COUNT(*) AS tasks FROM global_tasks FORCE INDEX (ix_global_tasks_kind) GROUP BY status`,
    );
    return new Map(rows.map(({ status, tasks }) => [status, Number(tasks)]));
  }

  async countTakenSlots(): Promise<Map<string, number>> {
    const rows = await this.database.rows<{ nodeId: string; taken: string }>(
      `SELECT node_id AS nodeId, COUNT(slot) AS taken
       FROM node_task_assignments FORCE INDEX (uq_node_task_assignments_open_task_id)
       WHERE open_task_id IS NOT NULL GROUP BY node_id`,
    );
    return new Map(rows.map(({ nodeId, taken }) => [nodeId, Number(taken)]));
  }

  async listEnded(from: Date, to: Date): Promise<EndedTask[]> {
    const rows = await this.database.rows<{ status: TaskStatus; waitUs: string | null; runUs: string | null }>(
      `SELECT status, TIMESTAMPDIFF(MICROSECOND, queued_at, started_at) AS waitUs,
              TIMESTAMPDIFF(MICROSECOND, started_at, completed_at) AS runUs
       FROM global_tasks FORCE INDEX (ix_global_tasks_completed_at) WHERE completed_at >= ? AND completed_at < ?`,
      [from, to],
    );
    const seconds = (us: string | null) => (us === null ? undefined : Math.max(0, Number(us) / 1e6));
    return rows.map(({ status, waitUs, runUs }) => ({
      status,
      waitSeconds: seconds(waitUs),
      runSeconds: seconds(runUs),
    }));
  }

  async listLeases(): Promise<LeaseState[]> {
    const rows = await this.database.rows<Omit<LeaseState, 'token'> & { token: string }>(
      'SELECT name, owner, token, renewals FROM leases',
    );
    return rows.map((row) => ({ ...row, token: Number(row.token) }));
  }

  /** Reads every row of `blobs`: not for every request. */
  async sumBlobs(): Promise<{ blobs: number; bytes: number }> {
    const [row] = await this.database.rows<{ blobs: string; bytes: string }>(
      'SELECT COUNT(*) AS blobs, COALESCE(SUM(size_bytes), 0) AS bytes FROM blobs',
    );
    return { blobs: Number(row!.blobs), bytes: Number(row!.bytes) };
  }
}
