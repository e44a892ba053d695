import { Injectable } from '@nestjs/common';
import { perRow, writeOutbox, type Executor } from '../../database/index.js';
import { TASK_CHANGED } from './task-events.js';
import { canTransition, type TaskStatus, type TaskVersion } from './task-state.js';
import { TaskStatesRepository } from './task-states.repository.js';
import { groupAlike, toSetParts, type TaskTransition } from './task-transition.js';

export interface OvertakenCopy {
  known: TaskVersion & { taskId: string };
  copyVersion: number;
}

interface LockedRow {
  task_id: string;
  run_no: number;
  status: TaskStatus;
  cancel_run: number;
  current_assignment_id: string | null;
}

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

  /** Those that took effect; as many as are alike take two statements, and the events of all of them one. */
  async applyAll(transaction: Executor, transitions: TaskTransition[]): Promise<TaskTransition[]> {
    const done: TaskTransition[] = [];
    for (const alike of groupAlike(transitions)) done.push(...(await this.applyAlike(transaction, alike)));
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

  /** Of one, the count of changed rows tells whether it took effect; of many it would not tell which did. */
  private async applyAlike(transaction: Executor, alike: TaskTransition[]): Promise<TaskTransition[]> {
    const expected = alike.length === 1 ? alike : await this.lockExpected(transaction, alike);
    if (expected.length === 0) return [];
    const changed = await this.compareAndSet(transaction, expected);
    if (changed === expected.length) return expected;
    if (expected.length === 1) return [];
    throw new Error(`${changed} of ${expected.length} locked tasks changed their status`);
  }

  /**
   * Those whose task is as they say, and stays so until the transaction ends; of two for one task the first. By the
   * key: a scan of a small table would wait for tasks that others are just settling.
   */
  private async lockExpected(transaction: Executor, alike: TaskTransition[]): Promise<TaskTransition[]> {
    const rows = await transaction.rows<LockedRow>(
      `SELECT task_id, run_no, status, cancel_run, current_assignment_id
       FROM global_tasks FORCE INDEX (uq_global_tasks_task_id) WHERE task_id IN (?) FOR UPDATE`,
      [alike.map(({ taskId }) => taskId)],
    );
    const locked = new Map(rows.map((row) => [row.task_id, row]));
    return alike.filter((transition) => {
      const row = locked.get(transition.taskId);
      return row !== undefined && isAsExpected(row, transition) && locked.delete(transition.taskId);
    });
  }

  /** How many were as expected, and are changed now. */
  private compareAndSet(transaction: Executor, alike: TaskTransition[]): Promise<number> {
    const { from, to, assignmentId, unlessCancelWished } = alike[0]!;
    if (!canTransition(from, to)) throw new Error(`a task never goes from ${from} to ${to}`);
    const taskIds = alike.map(({ taskId }) => taskId);
    const own = (column: string, valueOf: (transition: TaskTransition) => number | string | undefined) =>
      perRow(column, { key: 'task_id', keys: taskIds }, alike.map(valueOf));
    const set = [
      { sql: 'status = ?', values: [to] },
      { sql: 'state_version = state_version + 1', values: [] },
      ...toSetParts(alike),
    ];
    const where = [
      { sql: 'task_id IN (?)', values: [taskIds] },
      { sql: 'status = ?', values: [from] },
      own('run_no', ({ runNo }) => runNo),
      ...(assignmentId ? [own('current_assignment_id', (transition) => transition.assignmentId)] : []),
      ...(unlessCancelWished ? [{ sql: 'cancel_run < run_no', values: [] }] : []),
    ];
    return transaction.run(
      `UPDATE global_tasks SET ${set.map(({ sql }) => sql).join(', ')}
       WHERE ${where.map(({ sql }) => sql).join(' AND ')}`,
      [...set, ...where].flatMap(({ values }) => values),
    );
  }
}

function isAsExpected(row: LockedRow, { runNo, from, assignmentId, unlessCancelWished }: TaskTransition): boolean {
  if (row.run_no !== runNo || row.status !== from) return false;
  if (assignmentId !== undefined && row.current_assignment_id !== assignmentId) return false;
  return !unlessCancelWished || row.cancel_run < row.run_no;
}
