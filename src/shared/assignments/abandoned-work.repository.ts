import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase } from '../../database/index.js';

/** An open attempt whose node no process drives. */
export interface AbandonedAttempt {
  assignmentId: string;
  nodeId: string;
  taskId: string;
}

/** So many say enough; their number is told by the next looks. */
const MOST = 1_000;

/** What stands still although somebody should move it; by the database's own clock, without locks. */
@Injectable()
export class AbandonedWorkRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Old open attempts on nodes whose lease is free, or was not renewed for so long. */
  listOwnerless(stillForMs: number): Promise<AbandonedAttempt[]> {
    const stillSince = 'CURRENT_TIMESTAMP(3) - INTERVAL ? MICROSECOND';
    return this.database.rows(
      `SELECT a.assignment_id AS assignmentId, a.node_id AS nodeId, t.task_id AS taskId
       FROM node_task_assignments a
       JOIN global_tasks t ON t.id = a.task_id
       LEFT JOIN leases l ON l.name = CONCAT('node:', a.node_id)
       WHERE a.open_task_id IS NOT NULL AND a.assigned_at < ${stillSince}
         AND (l.owner IS NULL OR l.updated_at < ${stillSince})
       ORDER BY a.assigned_at LIMIT ${MOST}`,
      [stillForMs * 1_000, stillForMs * 1_000],
    );
  }

  /** Tasks that count as running and have no open attempt: no node and no scheduler ever comes back to them. */
  async listUnbound(stillForMs: number): Promise<string[]> {
    const rows = await this.database.rows<{ taskId: string }>(
      `SELECT t.task_id AS taskId
       FROM global_tasks t LEFT JOIN node_task_assignments a ON a.open_task_id = t.id
       WHERE t.status = 'processing' AND a.id IS NULL
         AND t.updated_at < CURRENT_TIMESTAMP(3) - INTERVAL ? MICROSECOND
       ORDER BY t.id LIMIT ${MOST}`,
      [stillForMs * 1_000],
    );
    return rows.map(({ taskId }) => taskId);
  }
}
