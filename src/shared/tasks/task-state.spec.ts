import fc from 'fast-check';
import { canTransition, isNewer, isTerminal, TASK_STATUSES, type TaskStatus } from './task-state.js';

const ALLOWED: [TaskStatus, TaskStatus][] = [
  ['queued', 'processing'],
  ['queued', 'cancelled'],
  ['queued', 'failed'],
  ['processing', 'completed'],
  ['processing', 'failed'],
  ['processing', 'cancelled'],
  ['processing', 'queued'],
];

describe('the state machine of a task', () => {
  const pairs = TASK_STATUSES.flatMap((from) => TASK_STATUSES.map((to) => [from, to] as const));

  it.each(pairs)('I3 says of %s → %s what the architecture says', (from, to) => {
    expect(canTransition(from, to)).toBe(ALLOWED.some(([a, b]) => a === from && b === to));
  });

  it('I3 never leaves a terminal state', () => {
    for (const [from, to] of pairs) if (isTerminal(from)) expect(canTransition(from, to)).toBe(false);
    expect(TASK_STATUSES.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled']);
  });

  it('I1 orders states by run first, then by version, and none is newer than itself', () => {
    const version = fc.record({ runNo: fc.integer({ min: 1, max: 5 }), stateVersion: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(version, version, (a, b) => {
        const same = a.runNo === b.runNo && a.stateVersion === b.stateVersion;
        expect(Number(isNewer(a, b)) + Number(isNewer(b, a))).toBe(same ? 0 : 1);
        if (a.runNo > b.runNo) expect(isNewer(a, b)).toBe(true);
      }),
    );
  });
});
