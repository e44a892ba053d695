import { Injectable } from '@nestjs/common';
import { Database, fromJson, InjectDatabase, type SqlValue } from '../../database/index.js';

/** Queued tasks that only their age tells apart. */
export interface QueueClass {
  sourceUserId: string;
  requirementKey: string;
  priority: number;
  oldestAt: Date;
}

export type ClassKey = Omit<QueueClass, 'oldestAt'>;

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
  /** Where it had better not go again, as long as it can go elsewhere. */
  avoidedNodeId: string | null;
}

/** What runs, as limits and fairness count it. */
export interface RunningTask {
  assignmentId: string;
  nodeId: string;
  /** Null once the node has ended the prompt. */
  slot: number | null;
  /** 0 to 100. */
  progress: number;
  userId: string;
  priority: number;
  workflowName: string;
}

export interface QueuedRow {
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
  avoided_node_id: string | null;
}

export const QUEUED_TASK_COLUMNS = [
  'task_id',
  'run_no',
  'attempt_count',
  'source_user_id',
  'workflow_name',
  'workflow_version',
  'model_name',
  'requirement_key',
  'priority',
  'queued_at',
  'excluded_nodes',
  'avoided_node_id',
];
/** Heads of a class whose first may not all go everywhere: those barred from one node hide none barred from another. */
const BARRED_PER_CLASS = 500;
const BARRED_AT_ONCE = 2_000;
/** Heads that one statement asks for: each is a SELECT of its own in a UNION. */
const CLASSES_PER_STATEMENT = 100;

/** Reads the head of the queue without locking it: claims are compare-and-set afterwards. */
@Injectable()
export class QueueRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /**
   * Every (user, requirement, priority) that waits, with the age of its oldest task. By a loose scan of
   * ix_global_tasks_queue_head: one step for each class, however many tasks it has. The second status, which no row
   * ever has, keeps the optimizer from striking `status` out of the grouping, without which there is no loose scan.
   */
  async listClasses(): Promise<QueueClass[]> {
    return this.database.rows<QueueClass>(
      `SELECT source_user_id AS sourceUserId, requirement_key AS requirementKey, priority, MIN(queued_at) AS oldestAt
       FROM global_tasks FORCE INDEX FOR GROUP BY (ix_global_tasks_queue_head) WHERE status IN ('queued', '')
       GROUP BY status, source_user_id, requirement_key, priority`,
    );
  }

  /**
   * The first `perClass` of each of these classes that may run now, never the first N rows of all: one user's 10,000
   * tasks, or 5,000 that no node can run, hide nobody (I22). Where all of a class's first may not go everywhere any
   * more, more of them are read, and the first that may along with them, so that they hide nobody either.
   */
  async listHeads(classes: ClassKey[], perClass: number, now: Date): Promise<QueuedTask[]> {
    const heads = await this.readHeads(classes, perClass, now, '');
    const barredHeads = countBarred(heads);
    const barred = classes.filter((of) => barredHeads.get(keyOf(of)) === perClass);
    if (barred.length === 0) return heads;
    const known = new Set(heads.map(({ taskId }) => taskId));
    const barredPerClass = Math.min(BARRED_PER_CLASS, Math.ceil(BARRED_AT_ONCE / barred.length));
    const more = [
      ...(await this.readHeads(
        barred,
        barredPerClass,
        now,
        'AND NOT (excluded_nodes IS NULL AND avoided_node_id IS NULL)',
      )),
      ...(await this.readHeads(barred, perClass, now, 'AND excluded_nodes IS NULL AND avoided_node_id IS NULL')),
    ];
    return [...heads, ...more.filter(({ taskId }) => !known.has(taskId))];
  }

  /** Open attempts, whatever state they are in. */
  async listRunning(): Promise<RunningTask[]> {
    const rows = await this.database.rows<Omit<RunningTask, 'progress'> & { progress: string }>(
      `SELECT a.assignment_id AS assignmentId, a.node_id AS nodeId, a.slot, t.progress, t.source_user_id AS userId, t.priority,
              t.workflow_name AS workflowName
       FROM node_task_assignments a JOIN global_tasks t ON t.id = a.task_id WHERE a.open_task_id IS NOT NULL`,
    );
    return rows.map((row) => ({ ...row, progress: Number(row.progress) }));
  }

  private async readHeads(classes: ClassKey[], perClass: number, now: Date, condition: string) {
    const head = `(SELECT ${QUEUED_TASK_COLUMNS.join(', ')} FROM global_tasks FORCE INDEX (ix_global_tasks_queue_head)
      WHERE status = 'queued' AND source_user_id = ? AND requirement_key = ? AND priority = ?
        AND cancel_run < run_no AND (retry_at IS NULL OR retry_at <= ?) ${condition}
      ORDER BY queued_at, id LIMIT ?)`;
    const tasks: QueuedTask[] = [];
    for (let from = 0; from < classes.length; from += CLASSES_PER_STATEMENT) {
      const some = classes.slice(from, from + CLASSES_PER_STATEMENT);
      const rows = await this.database.rows<QueuedRow>(
        some.map(() => head).join(' UNION ALL '),
        some.flatMap((of): SqlValue[] => [of.sourceUserId, of.requirementKey, of.priority, now, perClass]),
      );
      tasks.push(...rows.map(toQueuedTask));
    }
    return tasks;
  }
}

function keyOf({ sourceUserId, requirementKey, priority }: ClassKey): string {
  return JSON.stringify([sourceUserId, requirementKey, priority]);
}

/** For each class: how many of its heads may not go to every node any more. */
function countBarred(heads: QueuedTask[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const head of heads) {
    const isBarred = head.excludedNodeIds.length > 0 || head.avoidedNodeId !== null;
    if (isBarred) counts.set(keyOf(head), (counts.get(keyOf(head)) ?? 0) + 1);
  }
  return counts;
}

export function toQueuedTask(row: QueuedRow): QueuedTask {
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
    avoidedNodeId: row.avoided_node_id,
  };
}
