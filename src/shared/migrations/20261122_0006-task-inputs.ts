import { createTable, type Migration } from '../../database/index.js';

export const taskInputs: Migration = {
  version: '20261122_0006',
  name: 'task-inputs',
  description: 'Lets a parameter of a task name the bytes of an upload by their hash; creates blob_renditions.',
  steps: () => [
    {
      up: 'ALTER TABLE global_task_parameters ADD COLUMN file_hash char(64) NULL, ALGORITHM=INSTANT, LOCK=DEFAULT',
      down: 'ALTER TABLE global_task_parameters DROP COLUMN file_hash, ALGORITHM=INSTANT, LOCK=DEFAULT',
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'global_task_parameters' AND column_name = 'file_hash'`,
    },
    {
      up: 'ALTER TABLE global_task_parameters ADD INDEX ix_global_task_parameters_file_hash (file_hash), ALGORITHM=INPLACE, LOCK=NONE',
      down: 'ALTER TABLE global_task_parameters DROP INDEX ix_global_task_parameters_file_hash, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'global_task_parameters' AND index_name = 'ix_global_task_parameters_file_hash'`,
    },
    blobRenditions,
  ],
};

const blobRenditions = createTable(
  'blob_renditions',
  `
  source_hash char(64) NOT NULL,
  variant varchar(64) NOT NULL,
  file_hash char(64) NOT NULL,
  mime_type varchar(100) NOT NULL,
  created_at datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (source_hash, variant),
  KEY ix_blob_renditions_file_hash (file_hash)`,
);
