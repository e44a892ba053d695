import type { Migration, MigrationStep } from '../../database/index.js';

export const logReads: Migration = {
  version: '20261122_0008',
  name: 'log-reads',
  description: 'Lets system_logs be read by time and by node.',
  steps: () => [
    addIndex('ix_system_logs_created_at', 'created_at'),
    addIndex('ix_system_logs_node_id_created_at', 'node_id, created_at'),
  ],
};

function addIndex(name: string, columns: string): MigrationStep {
  return {
    up: `ALTER TABLE system_logs ADD INDEX ${name} (${columns}), ALGORITHM=INPLACE, LOCK=NONE`,
    down: `ALTER TABLE system_logs DROP INDEX ${name}, ALGORITHM=INPLACE, LOCK=NONE`,
    landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
             AND table_name = 'system_logs' AND index_name = '${name}'`,
  };
}
