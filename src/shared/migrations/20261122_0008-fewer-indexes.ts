import type { Migration, MigrationStep } from '../../database/index.js';

/**
 * Each of them was written anew with every claim and every settle. What still asks by a status finds it in
 * ix_global_tasks_queue_head, what asks for open attempts in uq_node_task_assignments_open_task_id.
 */
export const fewerIndexes: Migration = {
  version: '20261122_0008',
  name: 'fewer-indexes',
  description:
    'Drops indexes of global_tasks and node_task_assignments that each task kept up for rare reads of admins alone.',
  steps: () => [
    dropIndex('global_tasks', ['status', 'priority', 'queued_at', 'id']),
    dropIndex('global_tasks', ['status', 'retry_at']),
    dropIndex('global_tasks', ['source_user_id', 'status', 'created_at']),
    dropIndex('global_tasks', ['node_id', 'status']),
    dropIndex('global_tasks', ['requirement_key', 'status']),
    dropIndex('node_task_assignments', ['node_id', 'status']),
    dropIndex('node_task_assignments', ['status', 'assigned_at']),
  ],
};

function dropIndex(table: string, columns: string[]): MigrationStep {
  const name = `ix_${table}_${columns.join('_')}`;
  return {
    up: `ALTER TABLE ${table} DROP INDEX ${name}, ALGORITHM=INPLACE, LOCK=NONE`,
    down: `ALTER TABLE ${table} ADD INDEX ${name} (${columns.join(', ')}), ALGORITHM=INPLACE, LOCK=NONE`,
    landed: `SELECT 1 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM information_schema.statistics
             WHERE table_schema = DATABASE() AND table_name = '${table}' AND index_name = '${name}')`,
  };
}
