import { Injectable } from '@nestjs/common';
import type { Executor } from '../../database/index.js';
import type { ResultType, TaskResult, TaskState } from './task-events.js';
import type { TaskStatus } from './task-state.js';

interface StateRow {
  task_id: string;
  run_no: number;
  state_version: number;
  status: TaskStatus;
  attempt_count: number;
  progress: string;
  message: string | null;
  error_code: string | null;
  error_message: string | null;
  started_at: Date | null;
  completed_at: Date | null;
  actual_time: number | null;
}

interface ResultRow {
  task_id: string;
  output_index: number;
  result_type: ResultType;
  file_id: string;
  file_hash: string;
  file_name: string;
  mime_type: string;
  file_size: string;
  width: number | null;
  height: number | null;
  duration: string | null;
}

/** Reads the full states of tasks, as events carry them. */
@Injectable()
export class TaskStatesRepository {
  async listStates(executor: Executor, taskIds: string[]): Promise<TaskState[]> {
    if (taskIds.length === 0) return [];
    const rows = await executor.rows<StateRow>(
      `SELECT task_id, run_no, state_version, status, attempt_count, progress, message, error_code, error_message,
              started_at, completed_at, actual_time
       FROM global_tasks WHERE task_id IN (?)`,
      [taskIds],
    );
    const completed = rows.filter(({ status }) => status === 'completed').map((row) => row.task_id);
    const results = await this.listResults(executor, completed);
    return rows.map((row) => toTaskState(row, results.get(row.task_id) ?? []));
  }

  private async listResults(executor: Executor, taskIds: string[]): Promise<Map<string, TaskResult[]>> {
    const byTask = new Map<string, TaskResult[]>();
    if (taskIds.length === 0) return byTask;
    const rows = await executor.rows<ResultRow>(
      `SELECT t.task_id, r.output_index, r.result_type, r.file_id, r.file_hash, r.file_name, r.mime_type, r.file_size,
              r.width, r.height, r.duration
       FROM global_task_results r JOIN global_tasks t ON t.id = r.task_id AND t.run_no = r.run_no
       WHERE t.task_id IN (?) ORDER BY r.output_index`,
      [taskIds],
    );
    for (const row of rows) byTask.set(row.task_id, [...(byTask.get(row.task_id) ?? []), toTaskResult(row)]);
    return byTask;
  }
}

function toTaskState(row: StateRow, results: TaskResult[]): TaskState {
  return {
    taskId: row.task_id,
    runNo: row.run_no,
    stateVersion: row.state_version,
    status: row.status,
    attemptCount: row.attempt_count,
    progress: Number(row.progress),
    message: row.message,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    startedAt: row.started_at?.toISOString() ?? null,
    completedAt: row.completed_at?.toISOString() ?? null,
    actualTimeSeconds: row.actual_time,
    results,
  };
}

function toTaskResult(row: ResultRow): TaskResult {
  return {
    outputIndex: row.output_index,
    type: row.result_type,
    fileId: row.file_id,
    fileHash: row.file_hash,
    fileName: row.file_name,
    mimeType: row.mime_type,
    sizeBytes: Number(row.file_size),
    width: row.width,
    height: row.height,
    durationSeconds: row.duration === null ? null : Number(row.duration),
  };
}
