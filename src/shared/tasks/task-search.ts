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
export type TaskAccess = 'id' | 'user' | 'kind' | 'time';

const INDEX: Record<TaskAccess, string> = {
  id: 'uq_global_tasks_task_id',
  user: 'ix_global_tasks_queue_head',
  kind: 'ix_global_tasks_kind',
  time: 'ix_global_tasks_created_at',
};
const TASK_TYPES: readonly TaskType[] = ['text_to_image', 'image_to_video'];

/** The narrowest way to the tasks. */
export function accessOf(filter: TaskFilter): TaskAccess {
  const { taskIdPrefix, userId, status, taskType } = filter;
  if (taskIdPrefix !== undefined) return 'id';
  if (userId !== undefined) return 'user';
  return isCounted(filter) && (status !== undefined || taskType !== undefined) ? 'kind' : 'time';
}

/** Whether an index alone tells how many there are. */
export function isCounted({ status, taskType, from, to, ...others }: TaskFilter): boolean {
  return Object.values(others).every((value) => value === undefined);
}

/** Filters that together give what this one does, each from one stretch of its index in the order of time. */
export function stretchesOf(filter: TaskFilter, access: TaskAccess): TaskFilter[] {
  if (access !== 'kind') return [filter];
  const statuses = filter.status ? [filter.status] : TASK_STATUSES;
  const types = filter.taskType ? [filter.taskType] : TASK_TYPES;
  return statuses.flatMap((status) => types.map((taskType) => ({ ...filter, status, taskType })));
}

export function conditionsOf(filter: TaskFilter, access: TaskAccess): TaskConditions {
  // These indexes begin with the status: all of them lead to all of a user's tasks, or all of a type's.
  const hasStatusFirst = access === 'user' || access === 'kind';
  const statuses = filter.status ? [filter.status] : hasStatusFirst ? [...TASK_STATUSES] : undefined;
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
