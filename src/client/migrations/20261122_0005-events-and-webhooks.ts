import type { Migration, MigrationStep } from '../../database/index.js';

export const eventsAndWebhooks: Migration = {
  version: '20261122_0005',
  name: 'events-and-webhooks',
  description: 'Lets changed and waiting tasks be looked up; keeps webhook addresses of tasks and secrets of users.',
  steps: () => [
    addIndex('client_tasks', 'ix_client_tasks_client_id_updated_at', 'client_id, updated_at'),
    addIndex('client_tasks', 'ix_client_tasks_status_created_at_id', 'status, created_at, id'),
    addColumn('client_tasks', 'webhook_url', 'varchar(500)'),
    addColumn('client_users', 'webhook_secret', 'varchar(255)'),
    addColumn('webhook_deliveries', 'run_no', 'int NOT NULL DEFAULT 1'),
    addColumn('webhook_deliveries', 'last_attempt_at', 'datetime(3)'),
    addIndex('webhook_deliveries', 'uq_webhook_deliveries_task_id_run_no_event', 'task_id, run_no, event', 'UNIQUE '),
    addIndex('webhook_deliveries', 'ix_webhook_deliveries_client_id_id', 'client_id, id'),
  ],
};

function addIndex(table: string, name: string, columns: string, kind = ''): MigrationStep {
  return {
    up: `ALTER TABLE ${table} ADD ${kind}INDEX ${name} (${columns}), ALGORITHM=INPLACE, LOCK=NONE`,
    down: `ALTER TABLE ${table} DROP INDEX ${name}, ALGORITHM=INPLACE, LOCK=NONE`,
    landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
             AND table_name = '${table}' AND index_name = '${name}'`,
  };
}

function addColumn(table: string, name: string, type: string): MigrationStep {
  return {
    up: `ALTER TABLE ${table} ADD COLUMN ${name} ${type}, ALGORITHM=INSTANT`,
    down: `ALTER TABLE ${table} DROP COLUMN ${name}, ALGORITHM=INSTANT`,
    landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
             AND table_name = '${table}' AND column_name = '${name}'`,
  };
}
