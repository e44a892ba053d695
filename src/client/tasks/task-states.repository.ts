import { Injectable } from '@nestjs/common';
import type { Executor, SqlValue } from '../../database/index.js';
import type { TaskProgress, TaskResult, TaskState } from '../../shared/index.js';

export interface KnownTask {
  id: string;
  taskId: string;
  runNo: number;
  stateVersion: number;
}

/** A state together with the row that it goes to. */
export interface StateOfRow {
  rowId: string;
  state: TaskState;
}

/**
 * Published events that outlive their time, as a condition over `outbox o`: while a run is not over, `reject` must
 * still find that its wish arrived. No EXISTS: MariaDB would turn that into a look at all tasks.
 */
export const PUBLISHED_AND_NEEDED = `COALESCE((
  SELECT t.status IN ('queued', 'processing') FROM client_tasks t
  WHERE t.task_id = o.aggregate_id AND t.run_no = o.run_no), FALSE)`;

/** SQL of the read model: what the relay writes. A task's row is only ever updated: a removed one stays gone (I5). */
@Injectable()
export class TaskStatesRepository {
  /** The rows of these tasks, held until the transaction ends. */
  async lock(executor: Executor, taskIds: string[]): Promise<KnownTask[]> {
    return executor.rows(
      `SELECT id, task_id AS taskId, run_no AS runNo, state_version AS stateVersion
       FROM client_tasks WHERE task_id IN (?) ORDER BY task_id FOR UPDATE`,
      [taskIds],
    );
  }

  /** Many rows in one statement, each only where the state is newer than what the row holds (I1). */
  async merge(executor: Executor, states: StateOfRow[]): Promise<void> {
    const columns = ['id', 'run_no', 'state_version', ...STATE_COLUMNS];
    const row = `SELECT ${columns.map((column) => `? AS ${column}`).join(', ')}`;
    await executor.run(
      // The versions come last: MySQL assigns from left to right, and what stands before still sees the old ones.
      `UPDATE client_tasks t JOIN (${states.map(() => row).join(' UNION ALL ')}) s ON s.id = t.id
       SET ${STATE_COLUMNS.map((column) => `t.${column} = s.${column}`).join(', ')},
           t.run_no = s.run_no, t.state_version = s.state_version
       WHERE s.run_no > t.run_no OR (s.run_no = t.run_no AND s.state_version > t.state_version)`,
      states.flatMap(({ rowId, state }) => [Number(rowId), state.runNo, state.stateVersion, ...stateValues(state)]),
    );
  }

  /** The results of completed runs instead of all that the copy had: of older runs (I16), or of this one by mistake. */
  async replaceResults(executor: Executor, states: StateOfRow[]): Promise<void> {
    const rows = states.flatMap(({ rowId, state }) =>
      state.results.map((result) => resultValues(rowId, state.runNo, result)),
    );
    await executor.run('DELETE FROM client_task_results WHERE task_id IN (?)', [states.map(({ rowId }) => rowId)]);
    if (rows.length === 0) return;
    await executor.run(
      `INSERT INTO client_task_results (task_id, run_no, output_index, result_type, file_id, file_hash, file_name,
         mime_type, file_size, width, height, duration) VALUES ?`,
      [rows],
    );
  }

  /** Percentages of running attempts in one statement; never falling within an attempt, never of another (I16). */
  async raiseProgress(executor: Executor, progress: TaskProgress[]): Promise<void> {
    const cases = progress.map(() => 'WHEN ? THEN ?').join(' ');
    await executor.run(
      `UPDATE client_tasks SET progress = GREATEST(progress, CASE task_id ${cases} ELSE 0 END)
       WHERE task_id IN (?) AND (task_id, run_no, attempt_count) IN (?) AND status = 'processing'`,
      [
        ...progress.flatMap(({ taskId, progress: percent }) => [taskId, percent]),
        progress.map(({ taskId }) => taskId),
        progress.map(({ taskId, runNo, attemptCount }) => [taskId, runNo, attemptCount]),
      ],
    );
  }

  /**
   * Fails a run that `shared` never took; false where it did take it, or where it is gone. A task that waits in the
   * queue of `shared` is at version 0 on both sides: that its wish arrived shows in the outbox alone.
   */
  async reject(executor: Executor, taskRowId: string, reason: string, now: Date): Promise<boolean> {
    const changed = await executor.run(
      `UPDATE client_tasks
       SET status = 'failed', error_code = 'SYNC_REJECTED', error_message = ?, completed_at = ?
       WHERE id = ? AND state_version = 0 AND status = 'queued' AND NOT EXISTS (
         SELECT 1 FROM outbox o WHERE o.aggregate_id = client_tasks.task_id AND o.run_no = client_tasks.run_no
           AND o.published_at IS NOT NULL)`,
      [reason, now, taskRowId],
    );
    return changed === 1;
  }
}

const STATE_COLUMNS = [
  'status',
  'attempt_count',
  'progress',
  'message',
  'error_code',
  'error_message',
  'started_at',
  'completed_at',
  'actual_time',
];

function stateValues(state: TaskState): SqlValue[] {
  return [
    state.status,
    state.attemptCount,
    state.progress,
    state.message,
    state.errorCode,
    state.errorMessage,
    toDate(state.startedAt),
    toDate(state.completedAt),
    state.actualTimeSeconds,
  ];
}

function resultValues(rowId: string, runNo: number, result: TaskResult): SqlValue[] {
  return [
    ...[rowId, runNo, result.outputIndex, result.type, result.fileId, result.fileHash, result.fileName],
    ...[result.mimeType, result.sizeBytes, result.width, result.height, result.durationSeconds],
  ];
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
