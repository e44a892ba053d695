import type { Migration } from '../../database/index.js';

const KEY_COLUMN = 'MODIFY COLUMN requirement_key varchar(191) CHARACTER SET utf8mb4 COLLATE';
const KEY_REST = `NOT NULL DEFAULT '', ALGORITHM=COPY, LOCK=SHARED`;

export const queueHead: Migration = {
  version: '20261122_0007',
  name: 'queue-head',
  description: 'Lets the head of the queue be read by user, requirement and priority; compares requirements exactly.',
  steps: () => [
    {
      // File names that differ in case alone are different files: a class of tasks must not hold both.
      up: `ALTER TABLE global_tasks ${KEY_COLUMN} utf8mb4_bin ${KEY_REST}`,
      down: `ALTER TABLE global_tasks ${KEY_COLUMN} utf8mb4_unicode_ci ${KEY_REST}`,
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'global_tasks'
               AND column_name = 'requirement_key' AND collation_name = 'utf8mb4_bin'`,
    },
    {
      up: `ALTER TABLE global_tasks ADD INDEX ix_global_tasks_queue_head
             (status, source_user_id, requirement_key, priority, queued_at, id), ALGORITHM=INPLACE, LOCK=NONE`,
      down: 'ALTER TABLE global_tasks DROP INDEX ix_global_tasks_queue_head, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'global_tasks' AND index_name = 'ix_global_tasks_queue_head'`,
    },
  ],
};
