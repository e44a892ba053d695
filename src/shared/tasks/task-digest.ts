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

/** Tasks by their ids: behind `after`, up to `upTo`, which is one of them. */
export interface TaskRange {
  after: string;
  upTo: string;
}

/** What a range of tasks comes to: where both sides have the same, all their tasks' digests are the same. */
export interface RangeDigest {
  tasks: number;
  sum: string;
}

export type TaskDigestRow = Omit<TaskDigest, 'isStill'> & { isStill: number | string };

const results = (resultsTable: string): string =>
  `IF(t.status = 'completed', (
     SELECT CONCAT(COUNT(*), '/', COALESCE(SUM(CRC32(CONCAT(r.output_index, ':', r.file_hash))), 0))
     FROM ${resultsTable} r WHERE r.task_id = t.id AND r.run_no = t.run_no), '')`;

/**
 * The columns of a RangeDigest over `t`. Halves of MD5, since CRC32 is linear: two rows that changed alike would take
 * each other out of the XOR. It also is the same in whatever order a server reads.
 */
export const rangeDigestColumns = (resultsTable: string): string =>
  `COUNT(*) AS tasks, CAST(COALESCE(BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS('/', t.task_id, t.run_no, t.cancel_run,
     t.state_version, t.status, t.attempt_count, COALESCE(t.error_code, ''), ${results(resultsTable)})), 16), 16, 10)
     AS UNSIGNED)), 0) AS CHAR) AS sum`;

export function toRangeDigest(row: { tasks: string; sum: string } | undefined): RangeDigest {
  return { tasks: Number(row?.tasks ?? 0), sum: row?.sum ?? '0' };
}

/** The columns of a TaskDigest of `t`, in the same words for both sides; its value is `stillForMs`, in µs. */
export const taskDigestColumns = (resultsTable: string): string =>
  `t.task_id AS taskId, t.run_no AS runNo, t.cancel_run AS cancelRun, t.state_version AS stateVersion, t.status,
   t.attempt_count AS attemptCount, t.error_code AS errorCode,
   ${results(resultsTable)} AS results,
   t.updated_at < CURRENT_TIMESTAMP(3) - INTERVAL ? MICROSECOND AS isStill`;

export function toTaskDigest(row: TaskDigestRow): TaskDigest {
  return { ...row, isStill: Number(row.isStill) === 1 };
}
