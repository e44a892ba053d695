import type { Migration } from '../../database/index.js';

export const edits: Migration = {
  version: '20261122_0007',
  name: 'edits',
  description: 'Counts the changes of settings, templates and models, so that none is lost to another made meanwhile.',
  steps: () => [
    addColumns('system_configs', ['revision int NOT NULL DEFAULT 1', 'updated_by varchar(100)']),
    addColumns('models', ['revision int NOT NULL DEFAULT 1']),
    addColumns('workflow_templates', ['revision int NOT NULL DEFAULT 1', 'edited_by varchar(100)']),
    {
      // With its check the server rewrites the table, which holds some tens of rows.
      up: 'ALTER TABLE workflow_templates ADD COLUMN published_data json',
      down: 'ALTER TABLE workflow_templates DROP COLUMN published_data',
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'workflow_templates' AND column_name = 'published_data'`,
    },
    {
      // Until now a template was what it had last been published as.
      up: `UPDATE workflow_templates SET published_data = config_data, updated_at = updated_at
           WHERE published_version > 0 AND published_data IS NULL`,
      down: 'UPDATE workflow_templates SET published_data = NULL, updated_at = updated_at',
    },
  ],
};

function addColumns(table: string, columns: string[]) {
  const names = columns.map((column) => column.split(' ', 1)[0]!);
  return {
    up: `ALTER TABLE ${table} ${columns.map((column) => `ADD COLUMN ${column}`).join(', ')}, ALGORITHM=INSTANT, LOCK=DEFAULT`,
    down: `ALTER TABLE ${table} ${names.map((name) => `DROP COLUMN ${name}`).join(', ')}, ALGORITHM=INSTANT, LOCK=DEFAULT`,
    landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
             AND table_name = '${table}' AND column_name = '${names.at(-1)}'`,
  };
}
