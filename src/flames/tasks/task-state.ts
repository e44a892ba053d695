/** The states of evaluations and of their items: every change is an UPDATE that names where it may come from. */

export const FLAMES_TASK_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
export type FlamesTaskStatus = (typeof FLAMES_TASK_STATUSES)[number];

export const FLAMES_ITEM_STATUSES = ['pending', 'answered', 'scored', 'error'] as const;
export type FlamesItemStatus = (typeof FLAMES_ITEM_STATUSES)[number];

/** A paused task keeps its status: pausing says who may work on it, not how far it is. */
const NEXT_OF_TASK: Record<FlamesTaskStatus, readonly FlamesTaskStatus[]> = {
  pending: ['running', 'failed', 'cancelled'],
  running: ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

const NEXT_OF_ITEM: Record<FlamesItemStatus, readonly FlamesItemStatus[]> = {
  pending: ['answered', 'error'],
  answered: ['scored', 'error'],
  scored: [],
  error: [],
};

/** Where a task must stand to become this; for `WHERE status IN (?)`. */
export function taskStatusesBefore(next: FlamesTaskStatus): FlamesTaskStatus[] {
  return FLAMES_TASK_STATUSES.filter((status) => NEXT_OF_TASK[status].includes(next));
}

export function itemStatusesBefore(next: FlamesItemStatus): FlamesItemStatus[] {
  return FLAMES_ITEM_STATUSES.filter((status) => NEXT_OF_ITEM[status].includes(next));
}

/** Old installations may hold other words; nothing works on those either. */
export function isOver(status: string | null): boolean {
  return status !== 'pending' && status !== 'running';
}
