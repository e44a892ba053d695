import type { Migration } from '../../database/index.js';

export const resultsByHash: Migration = {
  version: '20261122_0005',
  name: 'results-by-hash',
  description: 'Lets the sweep ask which results name a file by its hash.',
  steps: () => [
    {
      up: 'ALTER TABLE global_task_results ADD INDEX ix_global_task_results_file_hash (file_hash), ALGORITHM=INPLACE, LOCK=NONE',
      down: 'ALTER TABLE global_task_results DROP INDEX ix_global_task_results_file_hash, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'global_task_results' AND index_name = 'ix_global_task_results_file_hash'`,
    },
  ],
};
