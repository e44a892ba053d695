import type { Migration } from '../../database/index.js';
import { addMissingColumn } from './old-tables.js';

/** `@flames_old_times_offset` is `flames.old_times_offset`: statements are the same everywhere, or they would count as edited. */
const OFFSET = "COALESCE(@flames_old_times_offset, '+08:00')";

/**
 * The old service kept times as its clock on the wall showed them; its rows have no `config`. Those that
 * `flames:migrate-files` makes have none either, but come after this. The column tells what was converted: a statement
 * that was cut off, and nobody knows whether it took effect, may run again.
 */
export const oldTimes: Migration = {
  version: '20261122_0006',
  name: 'old-times',
  description: 'Converts the times of evaluations of an old installation to UTC.',
  steps: () => [
    addMissingColumn('task_flames', 'converted_from', 'varchar(6)'),
    {
      up: `UPDATE task_flames SET
             submit_time = ${toUtc('submit_time')},
             end_time = ${toUtc('end_time')},
             updated_at = updated_at, converted_from = ${OFFSET}
           WHERE config IS NULL AND converted_from IS NULL`,
      down: `UPDATE task_flames SET
               submit_time = ${toLocal('submit_time')},
               end_time = ${toLocal('end_time')},
               updated_at = updated_at, converted_from = NULL
             WHERE converted_from IS NOT NULL`,
    },
  ],
};

function toUtc(column: string): string {
  return `CONVERT_TZ(${column}, ${OFFSET}, '+00:00')`;
}

function toLocal(column: string): string {
  return `CONVERT_TZ(${column}, '+00:00', converted_from)`;
}
