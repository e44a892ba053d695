import type { AskedTask } from '../load/asked-task.js';
import { judge, type Evidence } from './judge.js';
import { makeTask } from './made-up-run.js';

function makeEvidence(
  more: Partial<Evidence> = {},
  tasks: AskedTask[] = Array.from({ length: 400 }, () => makeTask()),
) {
  const journal = { tasks, accepted: tasks, answers: new Map([[200, 400]]) };
  return {
    seed: 7,
    minutes: 1,
    journal,
    violations: { lost: [] },
    fired: new Map([['app.kill', 2]]),
    secondAttempts: 3,
    ...more,
  };
}

describe('judge', () => {
  it('finds a run clean in which enough was asked, every fault fired and nothing is wrong', () => {
    const { isClean, summary } = judge(makeEvidence());
    expect(isClean).toBe(true);
    expect(summary).toBe(
      'clean: seed 7, 1 min, 400 accepted; completed 400, 3 second attempts; 1 of 1 kinds of fault fired 2 times; 0 violations (lost 0)',
    );
  });

  it.each([
    ['a broken rule', makeEvidence({ violations: { lost: ['id-1'] } }), 'lost: 1'],
    ['fewer than 400 tasks a minute', makeEvidence({ minutes: 1.01 }), 'only 400 tasks were accepted'],
    ['a fault that never fired', makeEvidence({ fired: new Map([['app.kill', 0]]) }), 'never fired: app.kill'],
    [
      'a service that fails most of what it is asked for',
      makeEvidence(
        {},
        Array.from({ length: 400 }, () => makeTask({}, { status: 'failed' })),
      ),
      'only 0 % of the wanted tasks completed',
    ],
  ])('fails a run with %s', (_, evidence, why) => {
    const { isClean, summary, details } = judge(evidence);
    expect(isClean).toBe(false);
    expect(summary).toMatch(/^NOT CLEAN/);
    expect(details.join('\n')).toContain(why);
  });
});
