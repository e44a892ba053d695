import type { Migration } from '../../database/index.js';
import {
  addMissingColumn,
  addMissingIndex,
  createMissingTable,
  useInnoDb,
  useOurCollation,
  widenColumn,
} from './old-tables.js';

/** A fresh database gets these two tables by the very steps that bring those of an old installation up to date. */
export const tasks: Migration = {
  version: '20261122_0001',
  name: 'tasks',
  description: 'Creates task_flames and task_flames_logs, or adds what is missing to those of an old installation.',
  steps: () => [...taskFlames, ...taskFlamesLogs],
};

const NOW = 'CURRENT_TIMESTAMP(3)';

const taskFlames = [
  createMissingTable(
    'task_flames',
    `
  task_id varchar(64) NOT NULL,
  model_name varchar(255),
  status varchar(64),
  PRIMARY KEY (task_id)`,
  ),
  useInnoDb('task_flames'),
  useOurCollation('task_flames'),
  widenColumn('task_flames', 'status', 'varchar(64)'),
  addMissingColumn('task_flames', 'dataset_id', 'int'),
  addMissingColumn('task_flames', 'submit_time', 'datetime(3)'),
  widenColumn('task_flames', 'submit_time', 'datetime(3)'),
  addMissingColumn('task_flames', 'end_time', 'datetime(3)'),
  widenColumn('task_flames', 'end_time', 'datetime(3)'),
  addMissingColumn('task_flames', 'result', 'json'),
  addMissingColumn('task_flames', 'config', 'json'),
  addMissingColumn('task_flames', 'error_code', 'varchar(64)'),
  addMissingColumn('task_flames', 'error_message', 'text'),
  addMissingColumn('task_flames', 'created_at', `datetime(3) NOT NULL DEFAULT ${NOW}`),
  addMissingColumn('task_flames', 'updated_at', `datetime(3) NOT NULL DEFAULT ${NOW} ON UPDATE ${NOW}`),
];

const taskFlamesLogs = [
  createMissingTable(
    'task_flames_logs',
    `
  id bigint NOT NULL AUTO_INCREMENT,
  task_id varchar(64) NOT NULL,
  dimension varchar(64) NOT NULL,
  predicted int,
  prompt text,
  response text,
  created_at datetime(3) NOT NULL DEFAULT ${NOW},
  PRIMARY KEY (id)`,
  ),
  useInnoDb('task_flames_logs'),
  useOurCollation('task_flames_logs'),
  widenColumn('task_flames_logs', 'id', 'bigint', 'NOT NULL AUTO_INCREMENT'),
  widenColumn('task_flames_logs', 'dimension', 'varchar(64)', 'NOT NULL'),
  {
    up: 'UPDATE task_flames_logs SET created_at = CURRENT_TIMESTAMP WHERE created_at IS NULL',
    down: { irreversible: 'which rows had no time is not recorded' },
  },
  widenColumn('task_flames_logs', 'created_at', 'datetime(3)', `NOT NULL DEFAULT ${NOW}`),
  addMissingColumn('task_flames_logs', 'item_key', 'varchar(128)'),
  addMissingColumn('task_flames_logs', 'repeat_no', 'int NOT NULL DEFAULT 0'),
  addMissingIndex(
    'task_flames_logs',
    'UNIQUE KEY',
    'uq_task_flames_logs_task_id_item_key_repeat_no',
    'task_id, item_key, repeat_no',
  ),
  addMissingIndex('task_flames_logs', 'KEY', 'ix_task_flames_logs_task_id_dimension_id', 'task_id, dimension, id'),
];
