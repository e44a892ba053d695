/** One statement and its way back. MySQL never rolls a DDL statement back, so a step is the unit of resuming. */
export interface MigrationStep {
  up: string;
  down: string | { irreversible: string };
  /** A SELECT that returns a row where the work is already there (old installations): the step is passed over. */
  unless?: string;
  /** The same, asked only when a run was cut off at this very step and nobody knows whether it took effect. */
  landed?: string;
}

/** SQL as data, so that plan, checksum and resuming by step fall out. Applied ones are never edited. */
export interface Migration {
  /** `20261122_0001`: the day and a number; gives the order. */
  version: string;
  name: string;
  description: string;
  steps: () => MigrationStep[];
}

/** Part of the checksum of every migration that uses it: a changed text would make them count as edited. */
const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';

/** Makes a table; `columns` are the lines between the brackets. A table of that name that is there is an error. */
export function createTable(table: string, columns: string, partitions = ''): MigrationStep {
  return {
    up: `CREATE TABLE ${table} (${columns}\n) ${TABLE_OPTIONS} ${partitions}`.trimEnd(),
    down: `DROP TABLE ${table}`,
    landed: `SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '${table}'`,
  };
}
