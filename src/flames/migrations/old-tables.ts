import type { MigrationStep } from '../../database/index.js';

/** Steps for tables that old installations already have: each is passed over where its work is there. */

const KEPT = { irreversible: 'the table may have been there before, with rows that nobody could bring back' };

const here = (view: string) =>
  `SELECT 1 FROM information_schema.${view} WHERE table_schema = DATABASE() AND table_name =`;

export function createMissingTable(table: string, columns: string): MigrationStep {
  return {
    up: `CREATE TABLE IF NOT EXISTS ${table} (${columns}
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`,
    down: KEPT,
  };
}

export function useInnoDb(table: string): MigrationStep {
  return {
    up: `ALTER TABLE ${table} ENGINE=InnoDB, ALGORITHM=COPY, LOCK=SHARED`,
    down: KEPT,
    unless: `${here('tables')} '${table}' AND engine = 'InnoDB'`,
  };
}

export function useOurCollation(table: string): MigrationStep {
  return {
    up: `ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, ALGORITHM=COPY, LOCK=SHARED`,
    down: KEPT,
    unless: `${here('tables')} '${table}' AND table_collation = 'utf8mb4_unicode_ci'`,
  };
}

export function addMissingColumn(table: string, column: string, definition: string): MigrationStep {
  return {
    up: `ALTER TABLE ${table} ADD COLUMN ${column} ${definition}, ALGORITHM=INPLACE, LOCK=NONE`,
    down: KEPT,
    unless: `${here('columns')} '${table}' AND column_name = '${column}'`,
  };
}

/** `type` as information_schema writes it; `rest` is what else defines the column. A change of type copies the table. */
export function widenColumn(table: string, column: string, type: string, rest = ''): MigrationStep {
  return {
    up: `ALTER TABLE ${table} MODIFY COLUMN ${column} ${type} ${rest}`.trimEnd() + ', ALGORITHM=COPY, LOCK=SHARED',
    down: KEPT,
    unless: `${here('columns')} '${table}' AND column_name = '${column}' AND column_type LIKE '${type}%'`,
  };
}

export function addMissingIndex(
  table: string,
  kind: 'KEY' | 'UNIQUE KEY',
  name: string,
  columns: string,
): MigrationStep {
  return {
    up: `ALTER TABLE ${table} ADD ${kind} ${name} (${columns}), ALGORITHM=INPLACE, LOCK=NONE`,
    down: KEPT,
    unless: `${here('statistics')} '${table}' AND index_name = '${name}'`,
  };
}
