import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, statementBatches, type Database, type Executor } from '../../database/index.js';
import type { ModelFile, ModelType } from './seen-models.js';

export interface ModelRecord {
  id: string;
  name: string;
  displayName: string | null;
  type: ModelType;
  path: string;
  description: string | null;
  tags: string[];
  baseModel: string | null;
  isEnabled: number;
  usageCount: number;
  revision: number;
  updatedAt: Date;
}

export interface ModelChange {
  displayName: string | null;
  description: string | null;
  tags: string[];
  baseModel: string | null;
  isEnabled: boolean;
}

export interface ModelLink {
  workflowId: string;
  modelId: string;
}

const COLUMNS = `id, name, display_name AS displayName, model_type AS type, file_path AS path, description, tags,
  base_model AS baseModel, is_enabled AS isEnabled, usage_count AS usageCount, revision, updated_at AS updatedAt`;

/** SQL of `models` and `workflow_models`. */
@Injectable()
export class ModelsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /** All of them: some thousands at most, and where they are stands with the nodes. */
  async list(executor: Executor = this.database): Promise<ModelRecord[]> {
    return (await executor.rows<ModelRecord>(`SELECT ${COLUMNS} FROM models ORDER BY model_type, file_path, id`)).map(
      read,
    );
  }

  async lock(executor: Executor, id: string): Promise<ModelRecord | undefined> {
    const [row] = await executor.rows<ModelRecord>(`SELECT ${COLUMNS} FROM models WHERE id = ? FOR UPDATE`, [id]);
    return row && read(row);
  }

  async insert(executor: Executor, models: ModelFile[]): Promise<void> {
    for (const batch of statementBatches(models, ({ path }) => 2 * path.length)) {
      await executor.run('INSERT INTO models (name, model_type, file_path) VALUES ?', [
        batch.map(({ type, path }) => [path.split('/').at(-1)!.slice(0, 200), type, path]),
      ]);
    }
  }

  async change(executor: Executor, id: string, change: ModelChange): Promise<void> {
    const { displayName, description, tags, baseModel, isEnabled } = change;
    await executor.run(
      `UPDATE models SET display_name = ?, description = ?, tags = ?, base_model = ?, is_enabled = ?,
         revision = revision + 1 WHERE id = ?`,
      [displayName, description, JSON.stringify(tags), baseModel, isEnabled, id],
    );
  }

  /** A count is no change that anybody made. */
  async setUsage(executor: Executor, id: string, usageCount: number): Promise<void> {
    await executor.run('UPDATE models SET usage_count = ?, updated_at = updated_at WHERE id = ?', [usageCount, id]);
  }

  listLinks(executor: Executor = this.database): Promise<(ModelLink & { workflowName: string })[]> {
    return executor.rows(
      `SELECT l.workflow_id AS workflowId, l.model_id AS modelId, t.name AS workflowName
       FROM workflow_models l JOIN workflow_templates t ON t.id = l.workflow_id ORDER BY t.name`,
    );
  }

  async link(executor: Executor, links: ModelLink[]): Promise<void> {
    if (links.length === 0) return;
    const rows = links.map(({ workflowId, modelId }) => [workflowId, modelId, true]);
    await executor.run('INSERT IGNORE INTO workflow_models (workflow_id, model_id, is_default) VALUES ?', [rows]);
  }

  async unlink(executor: Executor, { workflowId, modelId }: ModelLink): Promise<void> {
    const sql = 'DELETE FROM workflow_models WHERE workflow_id = ? AND model_id = ?';
    await executor.run(sql, [workflowId, modelId]);
  }
}

function read(row: ModelRecord): ModelRecord {
  const tags = fromJson<unknown>(row.tags);
  return { ...row, tags: Array.isArray(tags) ? tags.map(String) : [] };
}
