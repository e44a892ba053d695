import { Injectable } from '@nestjs/common';
import { fromJson, InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { PublishedWorkflow, WorkflowDefinition } from '../../shared/index.js';

export interface WorkflowVersionKey {
  workflowName: string;
  version: number;
}

interface VersionRow {
  workflowName: string;
  version: number;
  contentHash: string;
  definition: unknown;
  publishedAt: Date;
}

/** All SQL of the copied snapshots, `workflow_versions`; rows are inserted and never changed (I21). */
@Injectable()
export class WorkflowCopiesRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async insertAbsent(executor: Executor, workflows: PublishedWorkflow[]): Promise<void> {
    await executor.run(
      `INSERT IGNORE INTO workflow_versions (workflow_name, version, content_hash, definition, published_at) VALUES ?`,
      [
        workflows.map(({ workflowName, version, contentHash, definition, publishedAt }) => [
          workflowName,
          version,
          contentHash,
          JSON.stringify(definition),
          new Date(publishedAt),
        ]),
      ],
    );
  }

  async listHashes(
    executor: Executor,
    keys: WorkflowVersionKey[],
  ): Promise<(WorkflowVersionKey & { contentHash: string })[]> {
    return executor.rows(
      `SELECT workflow_name AS workflowName, version, content_hash AS contentHash
       FROM workflow_versions WHERE (workflow_name, version) IN (?)`,
      [keys.map(({ workflowName, version }) => [workflowName, version])],
    );
  }

  /** The highest number of each name, in the order of first publishing. */
  async listCurrentVersions(): Promise<WorkflowVersionKey[]> {
    return this.database.rows(
      `SELECT workflow_name AS workflowName, MAX(version) AS version
       FROM workflow_versions GROUP BY workflow_name ORDER BY MIN(id)`,
    );
  }

  async listVersions(keys: WorkflowVersionKey[]): Promise<PublishedWorkflow[]> {
    const rows = await this.database.rows<VersionRow>(
      `SELECT workflow_name AS workflowName, version, content_hash AS contentHash, definition,
              published_at AS publishedAt
       FROM workflow_versions WHERE (workflow_name, version) IN (?)`,
      [keys.map(({ workflowName, version }) => [workflowName, version])],
    );
    return rows.map((row) => ({
      workflowName: row.workflowName,
      version: row.version,
      contentHash: row.contentHash,
      definition: fromJson<WorkflowDefinition>(row.definition),
      publishedAt: row.publishedAt.toISOString(),
    }));
  }
}
