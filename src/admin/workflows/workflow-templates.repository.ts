import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor, type SqlValue } from '../../database/index.js';
import type { ParameterType, TaskType, WorkflowDefinition, WorkflowParameterDefinition } from '../../shared/index.js';

/** A template: the draft that admins edit, and how far it is published. */
export interface TemplateRecord {
  id: string;
  name: string;
  displayName: string | null;
  taskType: TaskType;
  description: string | null;
  versionLabel: string;
  /** 0: never published. */
  publishedVersion: number;
  contentHash: string | null;
  isEnabled: number;
  estimatedTime: number;
  maxConcurrentTasks: number;
  revision: number;
  /** Null while the draft is as its file was imported. */
  editedBy: string | null;
  draft: unknown;
  published: unknown;
  createdAt: Date;
  updatedAt: Date;
}

export interface TemplateFilter {
  q?: string | undefined;
  taskType?: TaskType | undefined;
  isEnabled?: boolean | undefined;
}

export interface Publication {
  version: number;
  contentHash: string;
  definition: WorkflowDefinition;
}

const COLUMNS = `id, name, display_name AS displayName, task_type AS taskType, description, version AS versionLabel,
  published_version AS publishedVersion, content_hash AS contentHash, is_enabled AS isEnabled,
  estimated_time AS estimatedTime, max_concurrent_tasks AS maxConcurrentTasks, revision, edited_by AS editedBy,
  config_data AS draft, published_data AS published, created_at AS createdAt, updated_at AS updatedAt`;

/** The types of the older table; JSON is shown as text. */
const COLUMN_TYPES: Record<ParameterType, string> = {
  string: 'string',
  int: 'int',
  float: 'float',
  boolean: 'boolean',
  json: 'string',
};

/** SQL of `workflow_templates` and `workflow_parameters`. */
@Injectable()
export class WorkflowTemplatesRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  list(filter: TemplateFilter, limit: number, offset: number): Promise<TemplateRecord[]> {
    const { where, values } = toCondition(filter);
    const sql = `SELECT ${COLUMNS} FROM workflow_templates ${where} ORDER BY name LIMIT ${limit} OFFSET ${offset}`;
    return this.database.rows<TemplateRecord>(sql, values);
  }

  async count(filter: TemplateFilter): Promise<number> {
    const { where, values } = toCondition(filter);
    const sql = `SELECT COUNT(*) AS total FROM workflow_templates ${where}`;
    const [row] = await this.database.rows<{ total: string }>(sql, values);
    return Number(row?.total ?? 0);
  }

  async find(name: string): Promise<TemplateRecord | undefined> {
    const sql = `SELECT ${COLUMNS} FROM workflow_templates WHERE name = ?`;
    return (await this.database.rows<TemplateRecord>(sql, [name]))[0];
  }

  /** Makes a row that was never published (version 0), so that there is one to lock; false where there is one. */
  async insertAbsent(executor: Executor, definition: WorkflowDefinition): Promise<boolean> {
    const inserted = await executor.run(
      `INSERT IGNORE INTO workflow_templates (name, task_type, workflow_file, estimated_time, max_concurrent_tasks)
       VALUES (?, ?, '', ?, ?)`,
      [definition.name, definition.taskType, definition.estimatedTimeSeconds, definition.maxConcurrentTasks],
    );
    return inserted === 1;
  }

  async lock(executor: Executor, name: string): Promise<TemplateRecord | undefined> {
    const sql = `SELECT ${COLUMNS} FROM workflow_templates WHERE name = ? FOR UPDATE`;
    return (await executor.rows<TemplateRecord>(sql, [name]))[0];
  }

  /** The draft, by whom; null: as it was imported. */
  async saveDraft(executor: Executor, id: string, definition: WorkflowDefinition, editedBy: string | null) {
    await executor.run(
      `UPDATE workflow_templates
       SET display_name = ?, task_type = ?, version = ?, description = ?, config_data = ?, is_enabled = ?,
           estimated_time = ?, max_concurrent_tasks = ?, edited_by = ?, revision = revision + 1
       WHERE id = ?`,
      [
        ...[definition.displayName, definition.taskType, definition.versionLabel, definition.description],
        ...[JSON.stringify(definition), definition.isEnabled, definition.estimatedTimeSeconds],
        ...[definition.maxConcurrentTasks, editedBy, id],
      ],
    );
    await this.replaceParameters(executor, id, definition);
  }

  async saveFile(executor: Executor, id: string, workflowFile: string): Promise<void> {
    await executor.run('UPDATE workflow_templates SET workflow_file = ? WHERE id = ?', [workflowFile, id]);
  }

  async savePublication(executor: Executor, id: string, { version, contentHash, definition }: Publication) {
    await executor.run(
      `UPDATE workflow_templates
       SET published_version = ?, content_hash = ?, published_data = ?, is_enabled = ?, revision = revision + 1
       WHERE id = ?`,
      [version, contentHash, JSON.stringify(definition), definition.isEnabled, id],
    );
  }

  async setEnabled(executor: Executor, id: string, isEnabled: boolean): Promise<void> {
    const sql = 'UPDATE workflow_templates SET is_enabled = ?, revision = revision + 1 WHERE id = ?';
    await executor.run(sql, [isEnabled, id]);
  }

  async remove(executor: Executor, id: string): Promise<void> {
    await executor.run('DELETE FROM workflow_templates WHERE id = ?', [id]);
  }

  private async replaceParameters(executor: Executor, id: string, definition: WorkflowDefinition): Promise<void> {
    await executor.run('DELETE FROM workflow_parameters WHERE workflow_id = ?', [id]);
    if (definition.parameters.length === 0) return;
    await executor.run(
      `INSERT INTO workflow_parameters (workflow_id, parameter_name, parameter_type, default_value, min_value, max_value,
         options, is_required, display_name, description, node_id, field_path, sort_order) VALUES ?`,
      [definition.parameters.map((parameter, index) => toParameterRow(id, parameter, index))],
    );
  }
}

function toParameterRow(id: string, parameter: WorkflowParameterDefinition, index: number): SqlValue[] {
  const { name, type, defaultValue, min, max, options, isRequired, displayName, description } = parameter;
  return [
    ...[id, name, options ? 'select' : COLUMN_TYPES[type]],
    ...[defaultValue === undefined ? null : JSON.stringify(defaultValue), toDecimal(min), toDecimal(max)],
    ...[options ? JSON.stringify(options) : null, isRequired ?? name === 'prompt', displayName ?? null, description],
    ...[parameter.nodeId.slice(0, 64), `inputs.${parameter.inputName}`.slice(0, 200), index],
  ];
}

/** What the column holds; the definition has it exactly. */
function toDecimal(value: number | undefined): number | null {
  return value === undefined ? null : Math.max(-9e13, Math.min(9e13, value));
}

function toCondition({ q, taskType, isEnabled }: TemplateFilter): { where: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (q !== undefined) {
    const pattern = `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`;
    parts.push('(name LIKE ? OR display_name LIKE ? OR description LIKE ?)');
    values.push(pattern, pattern, pattern);
  }
  for (const [column, value] of Object.entries({ task_type: taskType, is_enabled: isEnabled })) {
    if (value === undefined) continue;
    parts.push(`${column} = ?`);
    values.push(value);
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values };
}
