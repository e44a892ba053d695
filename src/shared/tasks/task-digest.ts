import type { TaskStatus, TaskVersion } from './task-state.js';

/** What both databases must say of a task in the same words, for the reconciler to compare (I7). */
export interface TaskDigest extends TaskVersion {
  taskId: string;
  cancelRun: number;
  status: TaskStatus;
  attemptCount: number;
  errorCode: string | null;
  /** Number and sum of the current run's results; empty unless completed. */
  results: string;
  /** Nobody has changed the row for so long that events of the change have arrived by now. */
  isStill: boolean;
}

export type TaskDigestRow = Omit<TaskDigest, 'isStill'> & { isStill: number | string };

/** The columns of a TaskDigest of `t`, in the same words for both sides; its value is `stillForMs`, in µs. */
export const taskDigestColumns = (resultsTable: string): string =>
  `t.task_id AS taskId, t.run_no AS runNo, t.cancel_run AS cancelRun, t.state_version AS stateVersion, t.status,
   t.attempt_count AS attemptCount, t.error_code AS errorCode,
   IF(t.status = 'completed', (
     SELECT CONCAT(COUNT(*), '/', COALESCE(SUM(CRC32(CONCAT(r.output_index, ':', r.file_hash))), 0))
     FROM ${resultsTable} r WHERE r.task_id = t.id AND r.run_no = t.run_no), '') AS results,
   t.updated_at < CURRENT_TIMESTAMP(3) - INTERVAL ? MICROSECOND AS isStill`;

export function toTaskDigest(row: TaskDigestRow): TaskDigest {
  return { ...row, isStill: Number(row.isStill) === 1 };
}
