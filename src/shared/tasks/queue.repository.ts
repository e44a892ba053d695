import { Injectable } from '@nestjs/common';
import { Database, fromJson, InjectDatabase } from '../../database/index.js';

/** A queued task as the scheduler sees it. */
export interface QueuedTask {
  taskId: string;
  runNo: number;
  attemptCount: number;
  sourceUserId: string;
  workflowName: string;
  workflowVersion: number;
  modelName: string | null;
  requirementKey: string;
  priority: number;
  queuedAt: Date;
  excludedNodeIds: string[];
}

interface QueuedRow {
  task_id: string;
  run_no: number;
  attempt_count: number;
  source_user_id: string;
  workflow_name: string;
  workflow_version: number;
  model_name: string | null;
  requirement_key: string;
  priority: number;
  queued_at: Date;
  excluded_nodes: unknown;
}

/** Reads the head of the queue without locking it: claims are compare-and-set afterwards. */
@Injectable()
export class QueueRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /**
   * The first `perClass` of each (user, requirement class, priority), never the first N rows of all: one user's
   * 10,000 tasks, or 5,000 that no node can run, hide nobody (I22).
   */
  async listCandidates(perClass: number, now: Date): Promise<QueuedTask[]> {
    const rows = await this.database.rows<QueuedRow>(
      `SELECT * FROM (
         SELECT task_id, run_no, attempt_count, source_user_id, workflow_name, workflow_version, model_name,
                requirement_key, priority, queued_at, excluded_nodes, ROW_NUMBER() OVER (
           PARTITION BY source_user_id, requirement_key, priority ORDER BY queued_at, id) AS place
         FROM global_tasks
         WHERE status = 'queued' AND cancel_run < run_no AND (retry_at IS NULL OR retry_at <= ?)
       ) ranked WHERE place <= ? ORDER BY priority DESC, queued_at, task_id`,
      [now, perClass],
    );
    return rows.map(toQueuedTask);
  }
}

function toQueuedTask(row: QueuedRow): QueuedTask {
  return {
    taskId: row.task_id,
    runNo: row.run_no,
    attemptCount: row.attempt_count,
    sourceUserId: row.source_user_id,
    workflowName: row.workflow_name,
    workflowVersion: row.workflow_version,
    modelName: row.model_name,
    requirementKey: row.requirement_key,
    priority: row.priority,
    queuedAt: row.queued_at,
    excludedNodeIds: row.excluded_nodes === null ? [] : fromJson<string[]>(row.excluded_nodes),
  };
}
