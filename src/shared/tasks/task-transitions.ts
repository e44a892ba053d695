import { Injectable } from '@nestjs/common';
import { writeOutbox, type Executor, type SqlValue } from '../../database/index.js';
import { TASK_CHANGED } from './task-events.js';
import { canTransition, type TaskStatus, type TaskVersion } from './task-state.js';
import { TaskStatesRepository } from './task-states.repository.js';

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

export interface OvertakenCopy {
  known: TaskVersion & { taskId: string };
  copyVersion: number;
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

/**
 * The one function through which a task changes its status (I3): compare-and-set on the status, version + 1 and
 * the outbox row, in the caller's transaction.
 */
@Injectable()
export class TaskTransitions {
  constructor(private readonly states: TaskStatesRepository) {}

  /** False where the task is no longer as `transition` says: nothing was changed then. */
  async apply(transaction: Executor, transition: TaskTransition): Promise<boolean> {
    return (await this.applyAll(transaction, [transition])).length === 1;
  }

  /** Those that took effect; their events are written in one statement. */
  async applyAll(transaction: Executor, transitions: TaskTransition[]): Promise<TaskTransition[]> {
    const done: TaskTransition[] = [];
    for (const transition of transitions) {
      if (await this.compareAndSet(transaction, transition)) done.push(transition);
    }
    await this.announce(
      transaction,
      done.map(({ taskId }) => taskId),
    );
    return done;
  }

  /** Writes how these tasks are now as events; said twice it does no harm. */
  async announce(transaction: Executor, taskIds: string[]): Promise<void> {
    const states = await this.states.listStates(transaction, taskIds);
    await writeOutbox(
      transaction,
      states.map((state) => ({
        topic: TASK_CHANGED,
        aggregateId: state.taskId,
        runNo: state.runNo,
        stateVersion: state.stateVersion,
        payload: state,
      })),
    );
  }

  /**
   * Goes beyond a version that a copy holds of the same run and this database does not know, or knows otherwise: a
   * fail-over lost it here (I7). False where the task has moved on since `known` was read.
   */
  async overtake(transaction: Executor, { known, copyVersion }: OvertakenCopy): Promise<boolean> {
    const changed = await transaction.run(
      `UPDATE global_tasks SET state_version = GREATEST(state_version, ?) + 1
       WHERE task_id = ? AND run_no = ? AND state_version = ?`,
      [copyVersion, known.taskId, known.runNo, known.stateVersion],
    );
    return changed === 1;
  }

  private async compareAndSet(transaction: Executor, transition: TaskTransition): Promise<boolean> {
    const { taskId, runNo, from, to, assignmentId, unlessCancelWished } = transition;
    if (!canTransition(from, to)) throw new Error(`a task never goes from ${from} to ${to}`);
    const { assignments, values } = toSql(transition.changes ?? {});
    const conditions = [
      ...(assignmentId ? ['current_assignment_id = ?'] : []),
      ...(unlessCancelWished ? ['cancel_run < run_no'] : []),
    ];
    const changed = await transaction.run(
      `UPDATE global_tasks SET ${['status = ?', 'state_version = state_version + 1', ...assignments].join(', ')}
       WHERE ${['task_id = ?', 'run_no = ?', 'status = ?', ...conditions].join(' AND ')}`,
      [to, ...values, taskId, runNo, from, ...(assignmentId ? [assignmentId] : [])],
    );
    return changed === 1;
  }
}

function toSql(changes: TaskChanges): { assignments: string[]; values: SqlValue[] } {
  const assignments: string[] = [];
  const values: SqlValue[] = [];
  for (const [key, column] of Object.entries(COLUMNS)) {
    const value = changes[key as keyof typeof COLUMNS];
    if (value === undefined) continue;
    assignments.push(`${column} = ?`);
    values.push(value);
  }
  if (changes.attempts) assignments.push(`attempt_count = attempt_count + ${changes.attempts}`);
  if (changes.nodeDeaths) assignments.push(`node_deaths = node_deaths + ${changes.nodeDeaths}`);
  if (changes.excludedNodeIds) {
    assignments.push('excluded_nodes = ?');
    values.push(JSON.stringify(changes.excludedNodeIds));
  }
  return { assignments, values };
}
