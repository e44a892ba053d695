/** The states of a task and the changes that are allowed between them: the one table, tested for every pair. */
export const TASK_STATUSES = ['queued', 'processing', 'completed', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

const TRANSITIONS: Record<TaskStatus, readonly TaskStatus[]> = {
  // failed: no node could ever run it, poison, time limit
  queued: ['processing', 'cancelled', 'failed'],
  // queued: the attempt was lost and may be retried
  processing: ['completed', 'failed', 'cancelled', 'queued'],
  completed: [],
  failed: [],
  cancelled: [],
};

export function canTransition(from: TaskStatus, to: TaskStatus): boolean {
  return TRANSITIONS[from].includes(to);
}

/** A terminal state never changes; a reload starts a new run instead. */
export function isTerminal(status: TaskStatus): boolean {
  return TRANSITIONS[status].length === 0;
}

/** The states of an assignment: one attempt of a task on one node. */
export const ASSIGNMENT_STATUSES = ['assigned', 'running', 'completed', 'failed', 'cancelled'] as const;
export type AssignmentStatus = (typeof ASSIGNMENT_STATUSES)[number];

/** Statuses in which an assignment is open: it holds its task, and until its prompt ended also a slot of its node. */
export const OPEN_ASSIGNMENT_STATUSES = ['assigned', 'running'] as const satisfies readonly AssignmentStatus[];

/** `(runNo, stateVersion)` says how far a copy is: the version starts anew in each run (I1, I6). */
export interface TaskVersion {
  runNo: number;
  stateVersion: number;
}

/** Whether `a` is ahead of `b`: a merge takes a state only where this holds. */
export function isNewer(a: TaskVersion, b: TaskVersion): boolean {
  return a.runNo > b.runNo || (a.runNo === b.runNo && a.stateVersion > b.stateVersion);
}
