import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase } from '../../database/index.js';
import type { AssignmentStatus } from '../tasks/task-state.js';

/** An attempt that is over, as its node's page shows it. */
export interface NodeAttempt {
  assignmentId: string;
  taskId: string;
  workflowName: string;
  runNo: number;
  attemptNo: number;
  status: AssignmentStatus;
  errorCode: string | null;
  errorMessage: string | null;
  assignedAt: Date;
  startedAt: Date | null;
  endedOnNodeAt: Date | null;
  completedAt: Date | null;
}

/** SQL of what single nodes did. */
@Injectable()
export class NodeAttemptsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** The latest first, by the key of slots: who holds none stands there in the order of its id. */
  listLatest(nodeId: string, limit: number): Promise<NodeAttempt[]> {
    return this.database.rows(
      `SELECT a.assignment_id AS assignmentId, t.task_id AS taskId, t.workflow_name AS workflowName, a.run_no AS runNo,
              a.attempt_no AS attemptNo, a.status, a.error_code AS errorCode, a.error_message AS errorMessage,
              a.assigned_at AS assignedAt, a.started_at AS startedAt, a.ended_on_node_at AS endedOnNodeAt,
              a.completed_at AS completedAt
       FROM (SELECT id FROM node_task_assignments FORCE INDEX (uq_node_task_assignments_node_id_slot)
             WHERE node_id = ? AND slot IS NULL ORDER BY id DESC LIMIT ?) latest
       JOIN node_task_assignments a ON a.id = latest.id JOIN global_tasks t ON t.id = a.task_id
       WHERE a.open_task_id IS NULL ORDER BY a.id DESC`,
      [nodeId, limit],
    );
  }
}
