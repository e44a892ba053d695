import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type SqlValue } from '../../database/index.js';
import {
  QUEUED_TASK_COLUMNS,
  toQueuedTask,
  type ClassKey,
  type QueuedRow,
  type QueuedTask,
} from './queue.repository.js';
import type { TaskStatus } from './task-state.js';

/** How a task stands with the scheduler: what it waits with, or where it was put and why. */
export interface QueuePlace extends QueuedTask {
  status: TaskStatus;
  retryAt: Date | null;
  isCancelWished: boolean;
  nodeId: string | null;
  /** Why this node; null where no attempt is open. */
  reason: string | null;
}

type PlaceRow = QueuedRow & {
  status: TaskStatus;
  retry_at: Date | null;
  is_cancel_wished: number;
  node_id: string | null;
  reason: string | null;
};

const CLASSES_PER_STATEMENT = 100;
const OF_CLASS = `FROM global_tasks FORCE INDEX (ix_global_tasks_queue_head)
  WHERE status = 'queued' AND source_user_id = ? AND requirement_key = ? AND priority = ?`;

/** Where tasks stand in the queue. Every count stops at a limit: a place is told to people, not planned by. */
@Injectable()
export class QueuePlacesRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async find(taskId: string): Promise<QueuePlace | undefined> {
    const columns = QUEUED_TASK_COLUMNS.map((column) => `t.${column}`).join(', ');
    const [row] = await this.database.rows<PlaceRow>(
      `SELECT ${columns}, t.status, t.retry_at, t.cancel_run >= t.run_no AS is_cancel_wished, t.node_id, a.reason
       FROM global_tasks t LEFT JOIN node_task_assignments a ON a.assignment_id = t.current_assignment_id
       WHERE t.task_id = ?`,
      [taskId],
    );
    if (!row) return undefined;
    const { status, retry_at: retryAt, node_id: nodeId, reason } = row;
    return {
      ...toQueuedTask(row),
      status,
      retryAt,
      isCancelWished: Number(row.is_cancel_wished) === 1,
      nodeId,
      reason,
    };
  }

  /** Older ones of its own class. */
  async countAhead(task: ClassKey & { queuedAt: Date }, limit: number): Promise<number> {
    const [row] = await this.database.rows<{ n: string }>(
      `SELECT COUNT(*) AS n FROM (SELECT 1 ${OF_CLASS} AND queued_at < ? LIMIT ?) ahead`,
      [...keyValues(task), task.queuedAt, limit],
    );
    return Number(row?.n ?? 0);
  }

  /** How many tasks each of these classes has, in their order. */
  async countEach(classes: ClassKey[], limit: number): Promise<number[]> {
    const counts = classes.map(() => 0);
    const count = `SELECT ? AS at, COUNT(*) AS n FROM (SELECT 1 ${OF_CLASS} LIMIT ?) some`;
    for (let from = 0; from < classes.length; from += CLASSES_PER_STATEMENT) {
      const some = classes.slice(from, from + CLASSES_PER_STATEMENT);
      const rows = await this.database.rows<{ at: string; n: string }>(
        some.map(() => count).join(' UNION ALL '),
        some.flatMap((of, index) => [from + index, ...keyValues(of), limit]),
      );
      for (const { at, n } of rows) counts[Number(at)] = Number(n);
    }
    return counts;
  }
}

function keyValues({ sourceUserId, requirementKey, priority }: ClassKey): SqlValue[] {
  return [sourceUserId, requirementKey, priority];
}
