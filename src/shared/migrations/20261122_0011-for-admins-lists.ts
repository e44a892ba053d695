import type { Migration } from '../../database/index.js';

/**
 * Admins' pages list tasks by status, by type or by both, newest first, every few seconds. By created_at alone the
 * server walks past every task of another status until it has a page: the whole table where those that are asked for
 * are old. By the head of the queue it sorts all of them. Each status and type is a stretch of this index in the order
 * of time, and ten stretches are all there are, so that a page of any of these filters is merged from the ends of at
 * most ten, and its total is counted without reading a row. One index instead of one for each filter: a claim and a
 * settle move the task's entry, of some 30 bytes, once each.
 */
export const listsForAdmins: Migration = {
  version: '20261122_0011',
  name: 'lists-for-admins',
  description:
    'Lets tasks be listed and counted by status and type, for admins, and avoid the node that they were taken back from.',
  steps: () => [
    {
      up: `ALTER TABLE global_tasks ADD INDEX ix_global_tasks_kind (status, task_type, created_at, id),
             ALGORITHM=INPLACE, LOCK=NONE`,
      down: 'ALTER TABLE global_tasks DROP INDEX ix_global_tasks_kind, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'global_tasks' AND index_name = 'ix_global_tasks_kind'`,
    },
    {
      up: 'ALTER TABLE global_tasks ADD COLUMN avoided_node_id varchar(100) NULL, ALGORITHM=INSTANT, LOCK=DEFAULT',
      down: 'ALTER TABLE global_tasks DROP COLUMN avoided_node_id, ALGORITHM=INSTANT, LOCK=DEFAULT',
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'global_tasks' AND column_name = 'avoided_node_id'`,
    },
  ],
};
