import { Injectable } from '@nestjs/common';
import { fromJson, type Executor } from '../../database/index.js';
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

/** A task that no other transaction changes until this one ends: all that decides about a change, and its event. */
export interface LockedTask extends Omit<TaskState, 'startedAt' | 'completedAt' | 'results'> {
  /** The key by which it is written. */
  rowId: number;
  cancelRun: number;
  nodeDeaths: number;
  currentAssignmentId: string | null;
  excludedNodeIds: string[];
  sourceType: 'client' | 'admin';
  sourceUserId: string;
  startedAt: Date | null;
  completedAt: Date | null;
}

interface LockedRow extends StateRow {
  id: string;
  cancel_run: number;
  node_deaths: number;
  current_assignment_id: string | null;
  excluded_nodes: unknown;
  source_type: 'client' | 'admin';
  source_user_id: string;
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

const STATE_COLUMNS = `task_id, run_no, state_version, status, attempt_count, progress, message, error_code, error_message,
  started_at, completed_at, actual_time`;

/** Reads the full states of tasks, as events carry them. */
@Injectable()
export class TaskStatesRepository {
  async listStates(executor: Executor, taskIds: string[]): Promise<TaskState[]> {
    if (taskIds.length === 0) return [];
    const rows = await executor.rows<StateRow>(`SELECT ${STATE_COLUMNS} FROM global_tasks WHERE task_id IN (?)`, [
      taskIds,
    ]);
    const completed = rows.filter(({ status }) => status === 'completed').map((row) => row.task_id);
    const results = await this.listResults(executor, completed);
    return rows.map((row) => toTaskState(row, results.get(row.task_id) ?? []));
  }

  /** By the key: a scan of a small table would wait for tasks that others are just settling. */
  async lock(transaction: Executor, taskIds: string[]): Promise<Map<string, LockedTask>> {
    if (taskIds.length === 0) return new Map();
    const rows = await transaction.rows<LockedRow>(
      `SELECT id, ${STATE_COLUMNS}, cancel_run, node_deaths, current_assignment_id, excluded_nodes, source_type, source_user_id
       FROM global_tasks FORCE INDEX (uq_global_tasks_task_id) WHERE task_id IN (?) FOR UPDATE`,
      [taskIds],
    );
    return new Map(rows.map((row) => [row.task_id, toLockedTask(row)]));
  }

  async listResults(executor: Executor, taskIds: string[]): Promise<Map<string, TaskResult[]>> {
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

function toLockedTask(row: LockedRow): LockedTask {
  return {
    rowId: Number(row.id),
    taskId: row.task_id,
    runNo: row.run_no,
    stateVersion: row.state_version,
    status: row.status,
    attemptCount: row.attempt_count,
    progress: Number(row.progress),
    message: row.message,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    actualTimeSeconds: row.actual_time,
    cancelRun: row.cancel_run,
    nodeDeaths: row.node_deaths,
    currentAssignmentId: row.current_assignment_id,
    excludedNodeIds: row.excluded_nodes === null ? [] : fromJson<string[]>(row.excluded_nodes),
    sourceType: row.source_type,
    sourceUserId: row.source_user_id,
  };
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
