import { perRow, type SqlPart } from '../../database/index.js';
import type { TaskResult, TaskState } from './task-events.js';
import type { TaskStatus } from './task-state.js';
import type { LockedTask } from './task-states.repository.js';

/** Columns that a transition may set beside the status. */
export interface TaskChanges {
  nodeId?: string | null;
  currentAssignmentId?: string | null;
  /** Added to the counter: 1 when an attempt begins, -1 when one is given back unspent. */
  attempts?: 1 | -1;
  nodeDeaths?: 1;
  progress?: number;
  message?: string | null;
  errorCode?: string | null;
  errorMessage?: string | null;
  startedAt?: Date | null;
  completedAt?: Date | null;
  actualTimeSeconds?: number | null;
  retryAt?: Date | null;
  excludedNodeIds?: string[];
  avoidedNodeId?: string | null;
}

export interface TaskTransition {
  taskId: string;
  runNo: number;
  from: TaskStatus;
  to: TaskStatus;
  /** The assignment that the task must be bound to, for changes made on behalf of one (I10). */
  assignmentId?: string;
  /** Only while nobody wishes to cancel this run: for claims and completions (I4). */
  unlessCancelWished?: boolean;
  /** The run has results, written before it: the event carries them. */
  hasResults?: boolean;
  changes?: TaskChanges;
}

const COLUMNS: Record<Exclude<keyof TaskChanges, 'attempts' | 'nodeDeaths' | 'excludedNodeIds'>, string> = {
  nodeId: 'node_id',
  currentAssignmentId: 'current_assignment_id',
  progress: 'progress',
  message: 'message',
  errorCode: 'error_code',
  errorMessage: 'error_message',
  startedAt: 'started_at',
  completedAt: 'completed_at',
  actualTimeSeconds: 'actual_time',
  retryAt: 'retry_at',
  avoidedNodeId: 'avoided_node_id',
};

/** A transition, and the task as it is before; nobody else changes that meanwhile. */
export interface ExpectedTransition {
  task: LockedTask;
  transition: TaskTransition;
}

/** Those whose task is as they say; of two for one task the first. */
export function findExpected(transitions: TaskTransition[], tasks: Map<string, LockedTask>): ExpectedTransition[] {
  const expected = new Map<string, ExpectedTransition>();
  for (const transition of transitions) {
    const task = tasks.get(transition.taskId);
    if (!task || expected.has(transition.taskId) || !isAsExpected(task, transition)) continue;
    expected.set(transition.taskId, { task, transition });
  }
  return [...expected.values()];
}

function isAsExpected(task: LockedTask, { runNo, from, assignmentId, unlessCancelWished }: TaskTransition): boolean {
  if (task.runNo !== runNo || task.status !== from) return false;
  if (assignmentId !== undefined && task.currentAssignmentId !== assignmentId) return false;
  return !unlessCancelWished || task.cancelRun < task.runNo;
}

/** Those that one statement can make: they differ in values alone. */
export function groupAlike(transitions: ExpectedTransition[]): ExpectedTransition[][] {
  const groups = new Map<string, ExpectedTransition[]>();
  for (const expected of transitions) {
    const { from, to, changes = {} } = expected.transition;
    const { attempts = 0, nodeDeaths = 0, ...others } = changes;
    const columns = Object.keys(others).filter((key) => others[key as keyof typeof others] !== undefined);
    const shape = [from, to, attempts, nodeDeaths, ...columns.sort()].join();
    const group = groups.get(shape);
    if (group) group.push(expected);
    else groups.set(shape, [expected]);
  }
  return [...groups.values()];
}

/** How the task is after it, as its event says it: what was locked and what is set is all there is to know. */
export function toStateAfter({ task, transition }: ExpectedTransition, results: TaskResult[]): TaskState {
  const { to, changes = {} } = transition;
  return {
    taskId: task.taskId,
    runNo: task.runNo,
    stateVersion: task.stateVersion + 1,
    status: to,
    attemptCount: task.attemptCount + (changes.attempts ?? 0),
    progress: changes.progress ?? task.progress,
    message: setOr(task.message, changes.message),
    errorCode: setOr(task.errorCode, changes.errorCode),
    errorMessage: setOr(task.errorMessage, changes.errorMessage),
    startedAt: setOr(task.startedAt, changes.startedAt)?.toISOString() ?? null,
    completedAt: setOr(task.completedAt, changes.completedAt)?.toISOString() ?? null,
    actualTimeSeconds: setOr(task.actualTimeSeconds, changes.actualTimeSeconds),
    results,
  };
}

/** A change to null is one; only what is not named stays. */
function setOr<T>(before: T | null, change: T | null | undefined): T | null {
  return change === undefined ? before : change;
}

/** What transitions that are alike set beside the status. */
export function toSetParts(alike: ExpectedTransition[]): SqlPart[] {
  const by = { key: 'id', keys: alike.map(({ task }) => task.rowId) };
  const all = alike.map(({ transition: { changes = {} } }) => changes);
  const { attempts, nodeDeaths, excludedNodeIds } = all[0]!;
  const parts: SqlPart[] = [];
  for (const [key, column] of Object.entries(COLUMNS) as [keyof typeof COLUMNS, string][]) {
    const values = all.map((changes) => changes[key]);
    if (values[0] !== undefined) parts.push(perRow(column, by, values));
  }
  if (attempts) parts.push({ sql: `attempt_count = attempt_count + ${attempts}`, values: [] });
  if (nodeDeaths) parts.push({ sql: `node_deaths = node_deaths + ${nodeDeaths}`, values: [] });
  if (excludedNodeIds) {
    const lists = all.map((changes) => JSON.stringify(changes.excludedNodeIds));
    parts.push(perRow('excluded_nodes', by, lists));
  }
  return parts;
}
