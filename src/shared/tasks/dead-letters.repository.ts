import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { Database, InjectDatabase, type SqlValue } from '../../database/index.js';
import type { TaskType } from './task-events.js';
import type { AssignmentStatus } from './task-state.js';

export interface DeadLetterFilter {
  limit: number;
  offset: number;
  errorCode?: string | undefined;
  exceptErrorCodes?: string[] | undefined;
  workflowName?: string | undefined;
  /** Where its last attempt was. */
  nodeId?: string | undefined;
  failedAfter?: Date | undefined;
  failedBefore?: Date | undefined;
}

/** How one try on one node ended. */
export interface DeadLetterAttempt {
  attemptNo: number;
  nodeId: string;
  status: AssignmentStatus;
  errorCode: string | null;
  errorMessage: string | null;
  assignedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
}

/** A task whose current run failed for good, with all tries of this run. */
export interface DeadLetter {
  taskId: string;
  sourceUserId: string;
  taskType: TaskType;
  workflowName: string;
  workflowVersion: number;
  runNo: number;
  prompt: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  attemptCount: number;
  createdAt: Date;
  failedAt: Date | null;
  attempts: DeadLetterAttempt[];
}

type LetterRow = Omit<DeadLetter, 'attempts'> & { id: string };
type AttemptRow = DeadLetterAttempt & { taskRowId: string };

/** SQL of failed tasks and of what was tried; what their users deleted is not among them. */
@Injectable()
export class DeadLettersRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** The latest first. */
  async list(filter: DeadLetterFilter): Promise<Page<DeadLetter>> {
    const { where, values } = conditionsOf(filter);
    const [rows, [counted]] = await Promise.all([
      this.database.rows<LetterRow>(
        `SELECT id, task_id AS taskId, source_user_id AS sourceUserId, task_type AS taskType,
                workflow_name AS workflowName, workflow_version AS workflowVersion, run_no AS runNo, prompt,
                error_code AS errorCode, error_message AS errorMessage, attempt_count AS attemptCount,
                created_at AS createdAt, completed_at AS failedAt
         FROM global_tasks WHERE ${where} ORDER BY completed_at DESC, id DESC LIMIT ? OFFSET ?`,
        [...values, filter.limit, filter.offset],
      ),
      this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM global_tasks WHERE ${where}`, values),
    ]);
    const attempts = await this.listAttempts(rows.map(({ id }) => id));
    const items = rows.map(({ id, ...letter }) => ({ ...letter, attempts: attempts.get(id) ?? [] }));
    return { items, total: Number(counted?.n ?? 0) };
  }

  private async listAttempts(taskRowIds: string[]): Promise<Map<string, DeadLetterAttempt[]>> {
    const byTask = new Map<string, DeadLetterAttempt[]>();
    if (taskRowIds.length === 0) return byTask;
    const rows = await this.database.rows<AttemptRow>(
      `SELECT a.task_id AS taskRowId, a.attempt_no AS attemptNo, a.node_id AS nodeId, a.status,
              a.error_code AS errorCode, a.error_message AS errorMessage, a.assigned_at AS assignedAt,
              a.started_at AS startedAt, a.completed_at AS completedAt
       FROM node_task_assignments a JOIN global_tasks t ON t.id = a.task_id AND t.run_no = a.run_no
       WHERE a.task_id IN (?) ORDER BY a.id`,
      [taskRowIds],
    );
    for (const { taskRowId, ...attempt } of rows) byTask.set(taskRowId, [...(byTask.get(taskRowId) ?? []), attempt]);
    return byTask;
  }
}

function conditionsOf(filter: DeadLetterFilter): { where: string; values: SqlValue[] } {
  const parts: [string, SqlValue][] = [
    ['error_code = ?', filter.errorCode],
    ['(error_code IS NULL OR error_code NOT IN (?))', filter.exceptErrorCodes],
    ['workflow_name = ?', filter.workflowName],
    ['node_id = ?', filter.nodeId],
    ['completed_at >= ?', filter.failedAfter],
    ['completed_at < ?', filter.failedBefore],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  const where = [`status = 'failed' AND forgotten_at IS NULL`, ...given.map(([condition]) => condition)].join(' AND ');
  return { where, values: given.map(([, value]) => value) };
}
