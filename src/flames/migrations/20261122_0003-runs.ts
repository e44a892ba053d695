import { createTable, type Migration, type MigrationStep } from '../../database/index.js';
import { addMissingColumn, addMissingIndex } from './old-tables.js';

export const runs: Migration = {
  version: '20261122_0003',
  name: 'runs',
  description: 'Lets tasks be claimed, paused and cancelled; numbers datasets; keeps items, sealed keys and clean-ups.',
  steps: () => [...taskFlames, ...flamesDatasets, flamesTaskItems, flamesTaskKeys, flamesRetentionRuns],
};

const taskFlames = [
  addMissingColumn('task_flames', 'user_name', 'varchar(64)'),
  addMissingColumn('task_flames', 'paused_at', 'datetime(3)'),
  addMissingColumn('task_flames', 'cancel_requested_at', 'datetime(3)'),
  addMissingColumn('task_flames', 'lease_owner', 'varchar(64)'),
  addMissingColumn('task_flames', 'lease_token', 'bigint NOT NULL DEFAULT 0'),
  addMissingColumn('task_flames', 'lease_until', 'datetime(3)'),
  addMissingColumn('task_flames', 'total_items', 'int'),
  addMissingColumn('task_flames', 'legal_hold', 'tinyint(1) NOT NULL DEFAULT 0'),
  addMissingColumn('task_flames', 'is_legacy', 'tinyint(1) NOT NULL DEFAULT 0'),
  addMissingColumn('task_flames', 'logs_removed_at', 'datetime(3)'),
  addMissingColumn('task_flames', 'calls_used', 'int NOT NULL DEFAULT 0'),
  addMissingColumn('task_flames', 'tokens_used', 'bigint NOT NULL DEFAULT 0'),
  addMissingIndex('task_flames', 'KEY', 'ix_task_flames_status_submit_time', 'status, submit_time'),
];

const flamesDatasets = [
  addColumn('flames_datasets', 'number', 'int NOT NULL'),
  addColumn('flames_datasets', 'source_name', 'varchar(255)'),
  addColumn('flames_datasets', 'bad_lines', 'int NOT NULL DEFAULT 0'),
  addUniqueIndex('flames_datasets', 'uq_flames_datasets_number', 'number'),
];

const flamesTaskItems = createTable(
  'flames_task_items',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  task_id varchar(64) NOT NULL,
  item_key varchar(128) NOT NULL,
  repeat_no int NOT NULL DEFAULT 0,
  item_id bigint,
  dimension varchar(64) NOT NULL,
  prompt text NOT NULL,
  status varchar(16) NOT NULL DEFAULT 'pending',
  attempt int NOT NULL DEFAULT 0,
  error_class varchar(32),
  error_message varchar(500),
  response mediumtext,
  latency_ms int,
  prompt_tokens int,
  completion_tokens int,
  finish_reason varchar(32),
  is_truncated tinyint(1) NOT NULL DEFAULT 0,
  predicted int,
  answered_at datetime(3) NULL,
  ended_at datetime(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_flames_task_items_task_id_item_key_repeat_no (task_id, item_key, repeat_no),
  KEY ix_flames_task_items_task_id_status_id (task_id, status, id)`,
);

const flamesTaskKeys = createTable(
  'flames_task_keys',
  `
  task_id varchar(64) NOT NULL,
  sealed_key text NOT NULL,
  scorer_key text,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (task_id)`,
);

const flamesRetentionRuns = createTable(
  'flames_retention_runs',
  `
  id bigint NOT NULL AUTO_INCREMENT,
  started_at datetime(3) NOT NULL,
  ended_at datetime(3) NULL,
  tasks int NOT NULL DEFAULT 0,
  rows_removed bigint NOT NULL DEFAULT 0,
  older_than datetime(3) NOT NULL,
  PRIMARY KEY (id)`,
);

function addColumn(table: string, name: string, type: string): MigrationStep {
  return {
    up: `ALTER TABLE ${table} ADD COLUMN ${name} ${type}, ALGORITHM=INSTANT`,
    down: `ALTER TABLE ${table} DROP COLUMN ${name}, ALGORITHM=INSTANT`,
    landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
             AND table_name = '${table}' AND column_name = '${name}'`,
  };
}

function addUniqueIndex(table: string, name: string, columns: string): MigrationStep {
  return {
    up: `ALTER TABLE ${table} ADD UNIQUE INDEX ${name} (${columns}), ALGORITHM=INPLACE, LOCK=NONE`,
    down: `ALTER TABLE ${table} DROP INDEX ${name}, ALGORITHM=INPLACE, LOCK=NONE`,
    landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
             AND table_name = '${table}' AND index_name = '${name}'`,
  };
}
