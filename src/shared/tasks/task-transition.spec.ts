import type { LockedTask } from './task-states.repository.js';
import { findExpected, groupAlike, toStateAfter, type TaskTransition } from './task-transition.js';

const STARTED = new Date('2026-11-22T12:00:00.123Z');

function makeTask(given: Partial<LockedTask> = {}): LockedTask {
  return {
    ...{ rowId: 7, taskId: 'a', runNo: 1, stateVersion: 3, status: 'processing', attemptCount: 2, progress: 40 },
    ...{ message: 'half way', errorCode: null, errorMessage: null, startedAt: STARTED, completedAt: null },
    ...{ actualTimeSeconds: null, cancelRun: 0, nodeDeaths: 0, currentAssignmentId: 'first', excludedNodeIds: [] },
    ...{ sourceType: 'client', sourceUserId: 'ann' },
    ...given,
  };
}

const end = (given: Partial<TaskTransition> = {}): TaskTransition => {
  return { taskId: 'a', runNo: 1, from: 'processing', to: 'completed', ...given };
};

function isExpected(transition: TaskTransition, task = makeTask()): boolean {
  return findExpected([transition], new Map([[task.taskId, task]])).length === 1;
}

describe('transitions of locked tasks', () => {
  it('I3 expects the status and the run that the transition names', () => {
    expect(isExpected(end())).toBe(true);
    expect(isExpected(end({ from: 'queued', to: 'processing' }))).toBe(false);
    expect(isExpected(end({ runNo: 2 }))).toBe(false);
    expect(isExpected(end({ taskId: 'b' }))).toBe(false);
  });

  it('I10 expects the assignment on whose behalf the task changes', () => {
    expect(isExpected(end({ assignmentId: 'first' }))).toBe(true);
    expect(isExpected(end({ assignmentId: 'second' }))).toBe(false);
  });

  it('I4 expects no wish to cancel this run where that would win', () => {
    const cancelled = makeTask({ cancelRun: 1 });
    expect(isExpected(end({ unlessCancelWished: true }), cancelled)).toBe(false);
    expect(isExpected(end({ unlessCancelWished: true }), makeTask({ cancelRun: 1, runNo: 2 }))).toBe(false);
    expect(isExpected(end({ unlessCancelWished: true, runNo: 2 }), makeTask({ cancelRun: 1, runNo: 2 }))).toBe(true);
    expect(isExpected(end(), cancelled)).toBe(true);
  });

  it('takes the first of two for one task', () => {
    const tasks = new Map([['a', makeTask()]]);
    const [first, second] = [end(), end({ to: 'failed' })];
    expect(findExpected([first, second], tasks).map(({ transition }) => transition)).toEqual([first]);
  });

  it('groups those that set the same columns, whatever their values', () => {
    const tasks = ['a', 'b', 'c', 'd'].map((taskId) => makeTask({ taskId }));
    const changes = [
      { message: 'x', progress: 1 },
      { progress: 2, message: null },
      { message: 'y' },
      { attempts: 1 as const },
    ];
    const expected = tasks.map((task, index) => {
      return { task, transition: end({ taskId: task.taskId, changes: changes[index]! }) };
    });
    const groups = groupAlike(expected).map((group) => group.map(({ task }) => task.taskId));
    expect(groups).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  it('I3 says in the event what is set, and of the rest what was there', () => {
    const changes = { attempts: -1 as const, message: null, errorCode: 'LOST', progress: 0, completedAt: STARTED };
    const state = toStateAfter({ task: makeTask(), transition: end({ to: 'failed', changes }) }, []);
    expect(state).toEqual({
      ...{ taskId: 'a', runNo: 1, stateVersion: 4, status: 'failed', attemptCount: 1, progress: 0, message: null },
      ...{ errorCode: 'LOST', errorMessage: null, startedAt: STARTED.toISOString() },
      ...{ completedAt: STARTED.toISOString(), actualTimeSeconds: null, results: [] },
    });
    const untouched = toStateAfter({ task: makeTask(), transition: end() }, []);
    expect(untouched).toMatchObject({ message: 'half way', progress: 40, attemptCount: 2, completedAt: null });
  });
});
