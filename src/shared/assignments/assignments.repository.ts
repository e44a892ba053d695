import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, perRow, type Executor, type SqlValue } from '../../database/index.js';
import { OPEN_ASSIGNMENT_STATUSES, type AssignmentStatus } from '../tasks/task-state.js';

/** Who may write to a node's assignments: the holder of its lease, by token and process (I8). */
export interface NodeFence {
  nodeId: string;
  leaseToken: number;
  ownerId: string;
}

/** An open attempt of a task on a node. Its id is the prompt's id there. */
export interface OpenAssignment {
  assignmentId: string;
  nodeId: string;
  taskId: string;
  /** Whose task it is. */
  userId: string;
  workflowName: string;
  workflowVersion: number;
  runNo: number;
  attemptNo: number;
  status: (typeof OPEN_ASSIGNMENT_STATUSES)[number];
  /** Null once the node has ended the prompt: harvest holds no slot (I10). */
  slot: number | null;
  leaseToken: number;
  /** When the task's run came in. */
  queuedAt: Date;
  assignedAt: Date;
  postStartedAt: Date | null;
  acceptedAt: Date | null;
  startedAt: Date | null;
  /** How far the task is (0..100) and whether its cancel is wished: read along, so that one look says all. */
  progress: number;
  cancelWished: boolean;
  /** An admin wants it run elsewhere. */
  requeueWished: boolean;
}

/** The task's row says already which assignment it is, and on which node. */
export interface NewAssignment {
  taskRowId: number;
  slot: number;
  reason: string;
}

/** How an attempt ends, and on whose behalf. */
export interface AssignmentEnd {
  assignmentId: string;
  taskRowId: number;
  fence: NodeFence;
  status: Exclude<AssignmentStatus, OpenAssignment['status']>;
  errorCode?: string;
  errorMessage?: string;
  /** Only where it still holds its slot. */
  onlyWhileOnNode?: boolean;
}

interface AssignmentRow {
  assignment_id: string;
  node_id: string;
  task_id: string;
  source_user_id: string;
  workflow_name: string;
  workflow_version: number;
  run_no: number;
  attempt_no: number;
  status: OpenAssignment['status'];
  slot: number | null;
  lease_token: string;
  queued_at: Date;
  assigned_at: Date;
  post_started_at: Date | null;
  accepted_at: Date | null;
  started_at: Date | null;
  progress: string;
  cancel_wished: number;
  requeue_wished: number;
}

const SELECT_OPEN = `
  SELECT a.assignment_id, a.node_id, t.task_id, t.source_user_id, t.workflow_name, t.workflow_version, a.run_no, a.attempt_no, a.status, a.slot,
         a.lease_token, t.queued_at, a.assigned_at, a.post_started_at, a.accepted_at, a.started_at, t.progress, t.cancel_run >= a.run_no AS cancel_wished,
         a.requeue_wished_at IS NOT NULL AS requeue_wished
  FROM node_task_assignments a FORCE INDEX (uq_node_task_assignments_open_task_id) JOIN global_tasks t ON t.id = a.task_id`;

/** Reads and writes attempts. */
@Injectable()
export class AssignmentsRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /**
   * Binds tasks that were just claimed in the same transaction to slots of their nodes. Each node's token is read
   * along; one that is outdated at once is corrected by the next adoption. Throws a duplicate where a slot or a task
   * is taken (I10).
   */
  async insertAll(transaction: Executor, assignments: NewAssignment[], now: Date): Promise<void> {
    if (assignments.length === 0) return;
    const ids = assignments.map(({ taskRowId }) => taskRowId);
    // In the order of the slots' key: two that insert many wait for each other, never in a circle.
    await transaction.run(
      `INSERT INTO node_task_assignments
         (assignment_id, node_id, task_id, open_task_id, run_no, attempt_no, slot, lease_token, owner_id, reason, assigned_at)
       SELECT t.current_assignment_id, t.node_id, t.id, t.id, t.run_no, t.attempt_count,
              ELT(FIELD(t.id, ?), ?) AS slot, COALESCE(l.token, 0), l.owner, ELT(FIELD(t.id, ?), ?), ?
       FROM global_tasks t LEFT JOIN leases l ON l.name = CONCAT('node:', t.node_id)
       WHERE t.id IN (?) ORDER BY t.node_id, slot`,
      [ids, assignments.map(({ slot }) => slot), ids, assignments.map(({ reason }) => reason), now, ids],
    );
  }

  listOpen(): Promise<OpenAssignment[]> {
    return this.listWhere('a.open_task_id IS NOT NULL', []);
  }

  listOpenOf(nodeIds: string[]): Promise<OpenAssignment[]> {
    if (nodeIds.length === 0) return Promise.resolve([]);
    return this.listWhere('a.open_task_id IS NOT NULL AND a.node_id IN (?)', [nodeIds]);
  }

  /** Which of these assignments are closed or unknown; their prompts have no business on a node any more (I13). */
  async listClosed(assignmentIds: string[]): Promise<Set<string>> {
    if (assignmentIds.length === 0) return new Set();
    const rows = await this.database.rows<{ assignment_id: string }>(
      'SELECT assignment_id FROM node_task_assignments WHERE assignment_id IN (?) AND open_task_id IS NOT NULL',
      [assignmentIds],
    );
    const open = new Set(rows.map((row) => row.assignment_id));
    return new Set(assignmentIds.filter((id) => !open.has(id)));
  }

  /** A takeover's first write, repeated by the owner: from then on the former owner's writes miss (I8). */
  adopt({ nodeId, leaseToken, ownerId }: NodeFence): Promise<number> {
    return this.database.run(
      `UPDATE node_task_assignments SET lease_token = ?, owner_id = ?
       WHERE node_id = ? AND open_task_id IS NOT NULL AND (lease_token < ? OR (lease_token = ? AND owner_id IS NULL))`,
      [leaseToken, ownerId, nodeId, leaseToken, leaseToken],
    );
  }

  /** Of a task's open attempt, while its node still works on it; its node's owner acts on it. False: there is none such. */
  async wishRequeue(taskId: string, now: Date): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE node_task_assignments a JOIN global_tasks t ON t.id = a.open_task_id AND t.run_no = a.run_no
       SET a.requeue_wished_at = COALESCE(a.requeue_wished_at, ?)
       WHERE t.task_id = ? AND t.status = 'processing' AND a.slot IS NOT NULL AND t.cancel_run < t.run_no`,
      [now, taskId],
    );
    return changed === 1;
  }

  /** Ends attempts; how many of them were open and their owner's until now. Each is named once. */
  closeAll(transaction: Executor, ends: AssignmentEnd[], at: Date): Promise<number> {
    // By the task, which has one open attempt at most: numbers are found and compared faster than ids of 36 characters.
    const ids = ends.map(({ taskRowId }) => taskRowId);
    const each = (column: string, valueOf: (end: AssignmentEnd) => SqlValue) =>
      perRow(column, { key: 'task_id', keys: ids }, ends.map(valueOf));
    const set = [
      each('status', ({ status }) => status),
      each('error_code', ({ errorCode }) => errorCode ?? null),
      each('error_message', ({ errorMessage }) => errorMessage ?? null),
    ];
    const fenced = [
      each('assignment_id', ({ assignmentId }) => assignmentId),
      each('node_id', ({ fence }) => fence.nodeId),
      each('lease_token', ({ fence }) => fence.leaseToken),
      each('owner_id', ({ fence }) => fence.ownerId),
    ];
    const onNode = ends.filter(({ onlyWhileOnNode }) => onlyWhileOnNode).map(({ taskRowId }) => taskRowId);
    return transaction.run(
      `UPDATE node_task_assignments FORCE INDEX (uq_node_task_assignments_open_task_id)
       SET ${set.map(({ sql }) => sql).join(', ')}, completed_at = ?, slot = NULL, open_task_id = NULL
       WHERE open_task_id IN (?) AND ${fenced.map(({ sql }) => sql).join(' AND ')}
         AND status IN ('assigned', 'running') ${onNode.length > 0 ? 'AND (slot IS NOT NULL OR task_id NOT IN (?))' : ''}`,
      [
        ...set.flatMap(({ values }) => values),
        at,
        ids,
        ...fenced.flatMap(({ values }) => values),
        ...(onNode.length > 0 ? [onNode] : []),
      ],
    );
  }

  private async listWhere(condition: string, values: (string | string[])[]): Promise<OpenAssignment[]> {
    const rows = await this.database.rows<AssignmentRow>(
      `${SELECT_OPEN} WHERE ${condition} ORDER BY a.assigned_at, a.id`,
      values,
    );
    return rows.map(toOpenAssignment);
  }
}

export function nodeLeaseName(nodeId: string): string {
  return `node:${nodeId}`;
}

function toOpenAssignment(row: AssignmentRow): OpenAssignment {
  return {
    assignmentId: row.assignment_id,
    nodeId: row.node_id,
    taskId: row.task_id,
    userId: row.source_user_id,
    workflowName: row.workflow_name,
    workflowVersion: row.workflow_version,
    runNo: row.run_no,
    attemptNo: row.attempt_no,
    status: row.status,
    slot: row.slot,
    leaseToken: Number(row.lease_token),
    queuedAt: row.queued_at,
    assignedAt: row.assigned_at,
    postStartedAt: row.post_started_at,
    acceptedAt: row.accepted_at,
    startedAt: row.started_at,
    progress: Number(row.progress),
    cancelWished: Number(row.cancel_wished) === 1,
    requeueWished: Number(row.requeue_wished) === 1,
  };
}
