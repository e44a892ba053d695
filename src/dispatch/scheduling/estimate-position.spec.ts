import { DEFAULT_POLICY, type Running } from './situation.js';
import { estimatePosition } from './estimate-position.js';
import { Occupancy } from './occupancy.js';

const makeClass = (userId: string, count: number, queuedAtMs: number, priority = 1) => ({
  userId,
  count,
  queuedAtMs,
  priority,
  requirementKey: 'any',
});

/** The position of a user's task with so many of its own before it. */
function positionOf(
  task: ReturnType<typeof makeClass>,
  ahead: number,
  others: (typeof task)[],
  running: Running[] = [],
) {
  return estimatePosition(task, ahead, others, {
    policy: DEFAULT_POLICY,
    nowMs: 100,
    topPriority: 9,
    occupancy: new Occupancy([], running),
    capableIdsOf: () => new Set<string>(),
  });
}

describe('estimatePosition', () => {
  it('counts from one', () => {
    expect(positionOf(makeClass('ann', 1, 0), 0, [makeClass('ann', 1, 0)])).toBe(1);
  });

  it('lets users take turns, so that a crowd counts for one each turn', () => {
    const classes = [makeClass('ann', 1_000, 0), makeClass('bob', 2, 50)];
    expect(positionOf(makeClass('bob', 1, 50), 0, classes)).toBe(2);
    expect(positionOf(makeClass('bob', 1, 51), 1, classes)).toBe(4);
    expect(positionOf(makeClass('ann', 1, 3), 3, classes)).toBe(6);
  });

  it('lets those wait who have more running', () => {
    const running = [1, 2].map(() => ({ userId: 'bob', nodeId: 'x', priority: 1, workflowName: 'w' }));
    expect(positionOf(makeClass('bob', 1, 50), 0, [makeClass('ann', 1_000, 0), makeClass('bob', 1, 50)], running)).toBe(
      4,
    );
  });

  it('puts all that is more urgent before it', () => {
    const classes = [makeClass('ann', 30, 90, 5), makeClass('bob', 1, 0), makeClass('cid', 7, 90, 0)];
    expect(positionOf(makeClass('bob', 1, 0), 0, classes)).toBe(31);
  });
});
