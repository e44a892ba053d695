import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { Database, fromJson, InjectDatabase, type SqlValue } from '../../database/index.js';
import type { GlobalTaskFilter, RunnableTask } from './global-tasks.service.js';
import type { AttemptProgress, TaskParameter, TaskProgress, TaskType } from './task-events.js';
import type { TaskStatus } from './task-state.js';

/** A task in a list of all users' tasks. */
export interface GlobalTaskSummary {
  taskId: string;
  sourceUserId: string;
  taskType: TaskType;
  workflowName: string;
  status: TaskStatus;
  prompt: string | null;
  negativePrompt: string | null;
  progress: number;
  message: string | null;
  errorMessage: string | null;
  nodeId: string | null;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  completedAt: Date | null;
  files: string[];
}

interface SummaryRow {
  id: string;
  task_id: string;
  source_user_id: string;
  task_type: TaskType;
  workflow_name: string;
  status: TaskStatus;
  prompt: string | null;
  negative_prompt: string | null;
  progress: string;
  message: string | null;
  error_message: string | null;
  node_id: string | null;
  created_at: Date;
  updated_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
}

/** SQL over `global_tasks` that changes no status. */
@Injectable()
export class GlobalTasksRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async list({ limit, offset, status, taskType }: GlobalTaskFilter): Promise<Page<GlobalTaskSummary>> {
    const conditions = [...(status ? ['status = ?'] : []), ...(taskType ? ['task_type = ?'] : [])];
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const values: SqlValue[] = [...(status ? [status] : []), ...(taskType ? [taskType] : [])];
    const [rows, counted] = await Promise.all([
      this.database.rows<SummaryRow>(
        `SELECT id, task_id, source_user_id, task_type, workflow_name, status, prompt, negative_prompt, progress, message,
                error_message, node_id, created_at, updated_at, started_at, completed_at
         FROM global_tasks ${where} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
        [...values, limit, offset],
      ),
      this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM global_tasks ${where}`, values),
    ]);
    const files = await this.listFileNames(rows.map(({ id }) => id));
    return { items: rows.map((row) => toSummary(row, files.get(row.id) ?? [])), total: Number(counted[0]?.n ?? 0) };
  }

  async countUnfinished(): Promise<{ queued: number; processing: number }> {
    const rows = await this.database.rows<{ status: TaskStatus; n: string }>(
      `SELECT status, COUNT(*) AS n FROM global_tasks WHERE status IN ('queued', 'processing') GROUP BY status`,
    );
    const countOf = (wanted: TaskStatus) => Number(rows.find(({ status }) => status === wanted)?.n ?? 0);
    return { queued: countOf('queued'), processing: countOf('processing') };
  }

  async findRunnable(taskId: string): Promise<RunnableTask | undefined> {
    const [task] = await this.database.rows<{
      id: string;
      run_no: number;
      attempt_count: number;
      workflow_name: string;
      workflow_version: number;
      model_name: string | null;
      excluded_nodes: unknown;
    }>(
      `SELECT id, run_no, attempt_count, workflow_name, workflow_version, model_name, excluded_nodes
       FROM global_tasks WHERE task_id = ?`,
      [taskId],
    );
    if (!task) return undefined;
    const parameters = await this.database.rows<Required<TaskParameter>>(
      `SELECT parameter_name AS name, parameter_type AS type, parameter_value AS value, file_hash AS fileHash
       FROM global_task_parameters WHERE task_id = ? ORDER BY id`,
      [task.id],
    );
    return {
      taskId,
      runNo: task.run_no,
      attemptCount: task.attempt_count,
      workflowName: task.workflow_name,
      workflowVersion: task.workflow_version,
      modelName: task.model_name,
      excludedNodeIds: task.excluded_nodes === null ? [] : fromJson<string[]>(task.excluded_nodes),
      parameters,
    };
  }

  async writeProgress(progress: AttemptProgress[]): Promise<void> {
    if (progress.length === 0) return;
    const rows = progress.map(() => 'SELECT ? AS task_id, ? AS run_no, ? AS assignment_id, ? AS progress');
    // From the percentages to the tasks, in one order: by their status, the server would lock rows from the other end than
    // those who settle them do, and lose the deadlock again and again.
    const ordered = progress.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
    await this.database.run(
      `UPDATE (${rows.join(' UNION ALL ')}) p STRAIGHT_JOIN global_tasks t
         ON p.task_id = t.task_id AND p.run_no = t.run_no AND p.assignment_id = t.current_assignment_id
       SET t.progress = GREATEST(t.progress, p.progress) WHERE t.status = 'processing'`,
      ordered.flatMap((row) => [row.taskId, row.runNo, row.assignmentId, Math.min(99, row.progress)]),
    );
  }

  async listRunningProgress(): Promise<TaskProgress[]> {
    const rows = await this.database.rows<{ task_id: string; run_no: number; attempt_count: number; progress: string }>(
      `SELECT task_id, run_no, attempt_count, progress FROM global_tasks WHERE status = 'processing' AND progress > 0`,
    );
    return rows.map((row) => ({
      taskId: row.task_id,
      runNo: row.run_no,
      attemptCount: row.attempt_count,
      progress: Number(row.progress),
    }));
  }

  private async listFileNames(taskRowIds: string[]): Promise<Map<string, string[]>> {
    const names = new Map<string, string[]>();
    if (taskRowIds.length === 0) return names;
    const rows = await this.database.rows<{ task_id: string; file_name: string }>(
      'SELECT task_id, file_name FROM global_task_results WHERE task_id IN (?) ORDER BY task_id, output_index',
      [taskRowIds],
    );
    for (const row of rows) names.set(row.task_id, [...(names.get(row.task_id) ?? []), row.file_name]);
    return names;
  }
}

function toSummary(row: SummaryRow, files: string[]): GlobalTaskSummary {
  return {
    taskId: row.task_id,
    sourceUserId: row.source_user_id,
    taskType: row.task_type,
    workflowName: row.workflow_name,
    status: row.status,
    prompt: row.prompt,
    negativePrompt: row.negative_prompt,
    progress: Number(row.progress),
    message: row.message,
    errorMessage: row.error_message,
    nodeId: row.node_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    files,
  };
}
