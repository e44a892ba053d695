import type { Migration } from '../../database/index.js';

export const forAdmins: Migration = {
  version: '20261122_0010',
  name: 'for-admins',
  description: 'Lets an attempt note that it is wished back from its node, and all files be listed by time.',
  steps: () => [
    {
      up: `ALTER TABLE node_task_assignments ADD COLUMN requeue_wished_at datetime(3) NULL,
             ALGORITHM=INSTANT, LOCK=DEFAULT`,
      down: 'ALTER TABLE node_task_assignments DROP COLUMN requeue_wished_at, ALGORITHM=INSTANT, LOCK=DEFAULT',
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'node_task_assignments' AND column_name = 'requeue_wished_at'`,
    },
    {
      up: 'ALTER TABLE global_files ADD INDEX ix_global_files_created_at (created_at), ALGORITHM=INPLACE, LOCK=NONE',
      down: 'ALTER TABLE global_files DROP INDEX ix_global_files_created_at, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'global_files' AND index_name = 'ix_global_files_created_at'`,
    },
  ],
};
