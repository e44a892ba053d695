import type { SqlValue } from '../../database/index.js';
import type { TaskType } from './task-events.js';
import { TASK_STATUSES, type TaskStatus } from './task-state.js';

/** Which of all users' tasks. */
export interface TaskFilter {
  status?: TaskStatus | undefined;
  taskType?: TaskType | undefined;
  userId?: string | undefined;
  workflowName?: string | undefined;
  /** Where its latest attempt is or was. */
  nodeId?: string | undefined;
  errorCode?: string | undefined;
  taskIdPrefix?: string | undefined;
  promptPart?: string | undefined;
  /** Made at this time or later. */
  from?: Date | undefined;
  /** Made before this time. */
  to?: Date | undefined;
}

export type TaskOrder = 'newest' | 'oldest';

/** Rows, and the index that leads to them: left to itself the server sorts a million of them for one page. */
export interface TaskConditions {
  from: string;
  where: string;
  values: SqlValue[];
}

/** By what the rows are found: each has an index, and whatever else is asked for is looked up in the rows that it gives. */
export type TaskAccess = 'id' | 'user' | 'status' | 'time';

const INDEX: Record<TaskAccess, string> = {
  id: 'uq_global_tasks_task_id',
  user: 'ix_global_tasks_queue_head',
  status: 'ix_global_tasks_queue_head',
  time: 'ix_global_tasks_created_at',
};

/** The narrowest way to the tasks; by their status only where the caller knows that they are few. */
export function accessOf({ taskIdPrefix, userId }: TaskFilter): TaskAccess {
  if (taskIdPrefix !== undefined) return 'id';
  return userId === undefined ? 'time' : 'user';
}

/** Whether an index alone tells how many there are. */
export function isCounted(filter: TaskFilter): boolean {
  const { status, userId, from, to, ...others } = filter;
  if (Object.values(others).some((value) => value !== undefined)) return false;
  const isByTime = from !== undefined || to !== undefined;
  return !isByTime || (status === undefined && userId === undefined);
}

export function conditionsOf(filter: TaskFilter, access: TaskAccess): TaskConditions {
  // Its index begins with the status: all of them lead to all of a user's tasks.
  const statuses = filter.status ? [filter.status] : access === 'user' ? [...TASK_STATUSES] : undefined;
  const parts: [string, SqlValue][] = [
    ['task_id LIKE ?', filter.taskIdPrefix === undefined ? undefined : `${filter.taskIdPrefix}%`],
    ['status IN (?)', statuses],
    ['source_user_id = ?', filter.userId],
    ['task_type = ?', filter.taskType],
    ['workflow_name = ?', filter.workflowName],
    ['node_id = ?', filter.nodeId],
    ['error_code = ?', filter.errorCode],
    ['prompt LIKE ?', filter.promptPart === undefined ? undefined : `%${escapeLike(filter.promptPart)}%`],
    ['created_at >= ?', filter.from],
    ['created_at < ?', filter.to],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  const where = given.map(([condition]) => condition).join(' AND ') || 'TRUE';
  const from = `global_tasks FORCE INDEX (${INDEX[access]})`;
  return { from, where, values: given.map(([, value]) => value) };
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
