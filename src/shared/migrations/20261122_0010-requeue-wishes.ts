import type { Migration } from '../../database/index.js';

export const requeueWishes: Migration = {
  version: '20261122_0010',
  name: 'requeue-wishes',
  description: 'Lets an attempt note that it is wished back from its node.',
  steps: () => [
    {
      up: 'ALTER TABLE node_task_assignments ADD COLUMN requeue_wished_at datetime(3) NULL, ALGORITHM=INSTANT, LOCK=DEFAULT',
      down: 'ALTER TABLE node_task_assignments DROP COLUMN requeue_wished_at, ALGORITHM=INSTANT, LOCK=DEFAULT',
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'node_task_assignments' AND column_name = 'requeue_wished_at'`,
    },
  ],
};
