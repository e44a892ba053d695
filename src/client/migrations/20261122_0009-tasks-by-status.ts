import type { Migration } from '../../database/index.js';

export const tasksByStatus: Migration = {
  version: '20261122_0009',
  name: 'tasks-by-status',
  description: 'Adds an index by which the waiting tasks of all users are counted.',
  steps: () => [
    {
      up: 'ALTER TABLE client_tasks ADD INDEX ix_client_tasks_status (status)',
      down: 'ALTER TABLE client_tasks DROP INDEX ix_client_tasks_status',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
                 AND table_name = 'client_tasks' AND index_name = 'ix_client_tasks_status'`,
    },
  ],
};
