import { countExecutions, countSecondAttempts, type Executions } from './count-executions.js';
import { makeAttempt, makeEntries, makePicture, makeTask } from './made-up-run.js';

const fine: Executions = {
  log: makeEntries(),
  attempts: [makeAttempt()],
  runs: [{ taskId: 'id-1', runNo: 1, status: 'completed' }],
  accepted: [makeTask()],
};
const first = makeAttempt({ assignmentId: 'attempt-0', status: 'failed', errorCode: 'NODE_LOST' });

/** The rules that are broken, with their counts. */
function broken(more: Partial<Executions>) {
  const found = Object.entries(countExecutions({ ...fine, ...more }));
  return Object.fromEntries(found.flatMap(([rule, cases]) => (cases.length ? [[rule, cases.length]] : [])));
}

describe('countExecutions', () => {
  it('finds nothing wrong with a task that was run once', () => {
    expect(broken({})).toEqual({});
  });

  it('finds nothing wrong with a second attempt whose first one has a cause', () => {
    const log = [...makeEntries({ prompt_id: 'attempt-0' }), ...makeEntries()];
    expect(broken({ log, attempts: [first, makeAttempt()] })).toEqual({});
    expect(countSecondAttempts(log)).toBe(1);
    expect(countSecondAttempts(fine.log)).toBe(0);
  });

  it('leaves prompts of others alone', () => {
    expect(broken({ log: [...fine.log, ...makeEntries({ prompt_id: 'foreign', extra_data: {} })] })).toEqual({});
  });

  it('finds a prompt that was posted twice', () => {
    expect(broken({ log: [...fine.log, fine.log[0]!] })).toEqual({ postedTwice: 1 });
    expect(broken({ log: [...fine.log, { ...fine.log[0]!, node: 'node-2' }] })).toEqual({
      postedTwice: 1,
      strangers: 1,
    });
  });

  it('finds work that no attempt stands for, or one of another task, run or node', () => {
    expect(broken({ log: [...fine.log, ...makeEntries({ prompt_id: 'unknown' })] })).toEqual({ strangers: 3 });
    for (const wrong of [{ nodeId: 'node-2' }, { runNo: 2 }])
      expect(broken({ attempts: [makeAttempt(wrong)] }).strangers).toBe(3);
    const unmarked = makeEntries({ extra_data: {} });
    expect(broken({ log: [...fine.log, unmarked[1]!] })).toEqual({ strangers: 1 });
  });

  it('finds a run that two attempts settled', () => {
    const attempts = [makeAttempt(), makeAttempt({ assignmentId: 'attempt-2' })];
    expect(broken({ attempts })).toMatchObject({ settledTwice: 1 });
  });

  it('finds a run that is completed without a settling attempt, or settled and not completed', () => {
    const attempts = [makeAttempt({ status: 'failed', errorCode: 'NODE_LOST' })];
    expect(broken({ attempts })).toMatchObject({ settledWrongly: 1 });
    const runs = [{ taskId: 'id-1', runNo: 1, status: 'cancelled' }];
    expect(broken({ runs })).toEqual({ settledWrongly: 1 });
    expect(broken({ attempts: [], log: [], accepted: [makeTask({}, { pictures: [] })] })).toEqual({
      settledWrongly: 1,
    });
  });

  it('finds a second attempt whose first one has no cause, and a failure without one', () => {
    expect(broken({ attempts: [{ ...first, errorCode: null }, makeAttempt()] })).toEqual({ withoutCause: 1 });
    expect(broken({ attempts: [{ ...first, status: 'cancelled', errorCode: '' }, makeAttempt()] })).toEqual({
      withoutCause: 1,
    });
    const runs = [{ taskId: 'id-1', runNo: 1, status: 'failed' }];
    const accepted = [makeTask({}, { status: 'failed', pictures: [] })];
    const attempts = [makeAttempt({ status: 'failed' })];
    expect(broken({ runs, accepted, attempts })).toEqual({ withoutCause: 1 });
  });

  it('finds runs that nobody asked for, and reloads that came to nothing', () => {
    const twice = [{ taskId: 'id-1', runNo: 2, status: 'completed' }];
    expect(broken({ runs: twice })).toMatchObject({ wrongRuns: 1 });
    expect(broken({ accepted: [makeTask({ reloads: { asked: 1, accepted: 1 } })] })).toEqual({ wrongRuns: 1 });
    expect(broken({ runs: [] })).toEqual({ wrongRuns: 1 });
  });

  it('finds a file of an attempt that did not settle its task, or that no node ran to its end', () => {
    const elsewhere = makeTask({}, { pictures: [makePicture({ assignmentId: 'attempt-0' })] });
    expect(broken({ accepted: [elsewhere], attempts: [first, makeAttempt()] })).toEqual({ wronglyMade: 1 });
    expect(broken({ log: fine.log.slice(0, 2) })).toEqual({ wronglyMade: 1 });
  });
});
