import { Injectable } from '@nestjs/common';
import type { Executor } from '../../database/index.js';
import type { ParameterType, WorkflowDefinition } from '../../shared/index.js';

/** What a stored template adds to its file: how far it is published, and what admins decide about it. */
export interface TemplateRecord {
  id: string;
  publishedVersion: number;
  contentHash: string | null;
  isEnabled: number;
  estimatedTime: number;
  maxConcurrentTasks: number;
}

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
  /** Makes a row that was never published (version 0), so that there is one to lock. */
  async insertAbsent(executor: Executor, definition: WorkflowDefinition): Promise<void> {
    await executor.run(
      `INSERT IGNORE INTO workflow_templates (name, task_type, workflow_file, estimated_time, max_concurrent_tasks)
       VALUES (?, ?, '', ?, ?)`,
      [definition.name, definition.taskType, definition.estimatedTimeSeconds, definition.maxConcurrentTasks],
    );
  }

  async lock(executor: Executor, name: string): Promise<TemplateRecord> {
    const [template] = await executor.rows<TemplateRecord>(
      `SELECT id, published_version AS publishedVersion, content_hash AS contentHash, is_enabled AS isEnabled,
              estimated_time AS estimatedTime, max_concurrent_tasks AS maxConcurrentTasks
       FROM workflow_templates WHERE name = ? FOR UPDATE`,
      [name],
    );
    if (!template) throw new Error(`workflow template ${name} vanished within its transaction`);
    return template;
  }

  async update(
    executor: Executor,
    id: string,
    definition: WorkflowDefinition,
    publication: { version: number; contentHash: string; workflowFile: string },
  ): Promise<void> {
    await executor.run(
      `UPDATE workflow_templates
       SET display_name = ?, task_type = ?, version = ?, description = ?, workflow_file = ?, config_data = ?,
           published_version = ?, content_hash = ?
       WHERE id = ?`,
      [
        ...[definition.displayName, definition.taskType, definition.versionLabel, definition.description],
        ...[publication.workflowFile, JSON.stringify(definition), publication.version, publication.contentHash, id],
      ],
    );
    await this.replaceParameters(executor, id, definition);
  }

  private async replaceParameters(executor: Executor, id: string, definition: WorkflowDefinition): Promise<void> {
    await executor.run('DELETE FROM workflow_parameters WHERE workflow_id = ?', [id]);
    if (definition.parameters.length === 0) return;
    await executor.run(
      `INSERT INTO workflow_parameters (workflow_id, parameter_name, parameter_type, default_value, is_required,
         description, node_id, field_path, sort_order) VALUES ?`,
      [
        definition.parameters.map(({ name, type, defaultValue, description, nodeId, inputName }, index) => [
          ...[id, name, COLUMN_TYPES[type], defaultValue === undefined ? null : JSON.stringify(defaultValue)],
          ...[name === 'prompt', description, nodeId, `inputs.${inputName}`, index],
        ]),
      ],
    );
  }
}
