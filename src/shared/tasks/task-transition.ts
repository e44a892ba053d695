import { perRow, type SqlPart } from '../../database/index.js';
import type { TaskStatus } from './task-state.js';

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
};

/** Those that one statement can make: they differ in values alone. */
export function groupAlike(transitions: TaskTransition[]): TaskTransition[][] {
  const groups = new Map<string, TaskTransition[]>();
  for (const transition of transitions) {
    const { from, to, assignmentId, unlessCancelWished = false, changes = {} } = transition;
    const { attempts = 0, nodeDeaths = 0, ...others } = changes;
    const set = Object.entries(others).filter(([, value]) => value !== undefined);
    const columns = set.map(([key]) => key).sort();
    const isBound = assignmentId !== undefined;
    const shape = [from, to, isBound, unlessCancelWished, attempts, nodeDeaths, ...columns].join();
    groups.set(shape, [...(groups.get(shape) ?? []), transition]);
  }
  return [...groups.values()];
}

/** What transitions that are alike set beside the status. */
export function toSetParts(alike: TaskTransition[]): SqlPart[] {
  const by = { key: 'task_id', keys: alike.map(({ taskId }) => taskId) };
  const all = alike.map(({ changes = {} }) => changes);
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
