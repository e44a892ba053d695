import { Injectable } from '@nestjs/common';
import { perRow, writeOutbox, type Executor } from '../../database/index.js';
import { TASK_CHANGED, type TaskState } from './task-events.js';
import { canTransition, type TaskVersion } from './task-state.js';
import { TaskStatesRepository, type LockedTask } from './task-states.repository.js';
import {
  findExpected,
  groupAlike,
  toSetParts,
  toStateAfter,
  type ExpectedTransition,
  type TaskTransition,
} from './task-transition.js';

export interface OvertakenCopy {
  known: TaskVersion & { taskId: string };
  copyVersion: number;
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

  /**
   * Those that took effect; as many as are alike take one statement, and so do the events of all of them. Whoever has
   * locked the tasks already hands them over.
   */
  async applyAll(
    transaction: Executor,
    transitions: TaskTransition[],
    locked?: Map<string, LockedTask>,
  ): Promise<ExpectedTransition[]> {
    const taskIds = transitions.map(({ taskId }) => taskId);
    const expected = findExpected(transitions, locked ?? (await this.states.lock(transaction, taskIds)));
    for (const alike of groupAlike(expected)) await this.compareAndSet(transaction, alike);
    const withResults = expected.filter(({ transition }) => transition.hasResults).map(({ task }) => task.taskId);
    const results = await this.states.listResults(transaction, withResults);
    const states = expected.map((each) => toStateAfter(each, results.get(each.task.taskId) ?? []));
    await writeStates(transaction, states);
    return expected;
  }

  /** Writes how these tasks are now as events; said twice it does no harm. */
  async announce(transaction: Executor, taskIds: string[]): Promise<void> {
    await writeStates(transaction, await this.states.listStates(transaction, taskIds));
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

  /** The tasks are locked as they were read, so all of them change or something is badly wrong. */
  private async compareAndSet(transaction: Executor, alike: ExpectedTransition[]): Promise<void> {
    const { from, to } = alike[0]!.transition;
    if (!canTransition(from, to)) throw new Error(`a task never goes from ${from} to ${to}`);
    const ids = alike.map(({ task }) => task.rowId);
    const own = (column: string, valueOf: (task: LockedTask) => number) =>
      perRow(
        column,
        { key: 'id', keys: ids },
        alike.map(({ task }) => valueOf(task)),
      );
    const set = [
      { sql: 'status = ?', values: [to] },
      { sql: 'state_version = state_version + 1', values: [] },
      ...toSetParts(alike),
    ];
    const where = [
      { sql: 'id IN (?)', values: [ids] },
      { sql: 'status = ?', values: [from] },
      own('run_no', ({ runNo }) => runNo),
      own('state_version', ({ stateVersion }) => stateVersion),
    ];
    const changed = await transaction.run(
      `UPDATE global_tasks FORCE INDEX (PRIMARY) SET ${set.map(({ sql }) => sql).join(', ')}
       WHERE ${where.map(({ sql }) => sql).join(' AND ')}`,
      [...set, ...where].flatMap(({ values }) => values),
    );
    if (changed !== alike.length) throw new Error(`${changed} of ${alike.length} locked tasks changed their status`);
  }
}

function writeStates(transaction: Executor, states: TaskState[]): Promise<void> {
  return writeOutbox(
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
