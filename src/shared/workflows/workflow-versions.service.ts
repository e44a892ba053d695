import { Injectable } from '@nestjs/common';
import { Database, fromJson, InjectDatabase, MalformedEventError, writeOutbox } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { WORKFLOW_PUBLISHED, type PublishedWorkflow, type WorkflowDefinition } from './workflow-definition.js';

/** A published snapshot in lists. */
export interface WorkflowVersionRecord {
  version: number;
  contentHash: string;
  publishedAt: Date;
}

interface VersionRow {
  workflow_name: string;
  version: number;
  content_hash: string;
  definition: unknown;
}

/** The published snapshots that tasks run by: immutable, so that what was read once stays true. */
@Injectable()
export class WorkflowVersionsService {
  private readonly known = new Map<string, WorkflowDefinition>();

  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly signals: Signals,
  ) {}

  async find(workflowName: string, version: number): Promise<WorkflowDefinition | undefined> {
    const key = `${workflowName}@${version}`;
    const known = this.known.get(key);
    if (known) return known;
    const [row] = await this.database.rows<VersionRow>(
      'SELECT workflow_name, version, content_hash, definition FROM workflow_versions WHERE workflow_name = ? AND version = ?',
      [workflowName, version],
    );
    if (!row) return undefined;
    const definition = fromJson<WorkflowDefinition>(row.definition);
    this.known.set(key, definition);
    return definition;
  }

  /** Those of a workflow, the latest first. */
  list(workflowName: string, limit: number, offset: number): Promise<WorkflowVersionRecord[]> {
    return this.database.rows<WorkflowVersionRecord>(
      `SELECT version, content_hash AS contentHash, published_at AS publishedAt FROM workflow_versions
       WHERE workflow_name = ? ORDER BY version DESC LIMIT ${limit} OFFSET ${offset}`,
      [workflowName],
    );
  }

  async count(workflowName: string): Promise<number> {
    const sql = 'SELECT COUNT(*) AS total FROM workflow_versions WHERE workflow_name = ?';
    const [row] = await this.database.rows<{ total: string }>(sql, [workflowName]);
    return Number(row?.total ?? 0);
  }

  /** Keeps what the admin published and hands it on to the client; the same number with another content is refused (I21). */
  async applyPublished(published: PublishedWorkflow[]): Promise<void> {
    await this.database.transaction(async (transaction) => {
      for (const workflow of published) {
        const { workflowName, version, contentHash, definition, publishedAt } = workflow;
        const inserted = await transaction.run(
          `INSERT IGNORE INTO workflow_versions (workflow_name, version, content_hash, definition, published_at)
           VALUES (?, ?, ?, ?, ?)`,
          [workflowName, version, contentHash, JSON.stringify(definition), new Date(publishedAt)],
        );
        if (inserted === 1) await writeOutbox(transaction, [publishedEvent(workflow)]);
        else await this.requireSame(transaction, workflow);
      }
    });
    this.signals.emit('shared.outbox');
    this.signals.emit('queue.changed');
  }

  private async requireSame(
    executor: Pick<Database, 'rows'>,
    { workflowName, version, contentHash }: PublishedWorkflow,
  ) {
    const [row] = await executor.rows<VersionRow>(
      'SELECT content_hash FROM workflow_versions WHERE workflow_name = ? AND version = ?',
      [workflowName, version],
    );
    if (row?.content_hash !== contentHash) {
      throw new MalformedEventError(`version ${version} of ${workflowName} was published before with another content`);
    }
  }
}

function publishedEvent(workflow: PublishedWorkflow) {
  return {
    topic: WORKFLOW_PUBLISHED,
    aggregateId: workflow.workflowName,
    runNo: workflow.version,
    stateVersion: 0,
    payload: workflow,
  };
}
