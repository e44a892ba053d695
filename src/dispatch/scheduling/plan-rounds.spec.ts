import fc from 'fast-check';
import { makeCandidate, makeNodes, makeSituation } from '../../../test/factories/situation.factory.js';
import { Occupancy } from './occupancy.js';
import { orderClasses } from './order-classes.js';
import { planAssignments } from './plan-assignments.js';
import { DEFAULT_POLICY, type Candidate, type NodeState, type Running } from './situation.js';

const CLASSES = ['A', 'B', 'C'];
const USERS = ['ann', 'bob', 'cid'];

describe('planAssignments, round after round', () => {
  /** Nodes end what they have after each round; newer, more urgent tasks keep coming for every node. */
  function roundsUntilOver(tasks: Candidate[], nodes: NodeState[], streamOf: (round: number) => Candidate[]): number {
    const watched = new Set(tasks.map(({ taskId }) => taskId));
    let waiting = tasks;
    let running: Running[] = [];
    for (let round = 1; round <= 200; round += 1) {
      const candidates = [...waiting, ...streamOf(round)];
      const situation = makeSituation({
        candidates,
        nodes,
        running,
        nowMs: round * 1_000,
        policy: { ageingMs: 2_000 },
      });
      const { assignments } = planAssignments(situation);
      const byId = new Map(candidates.map((candidate) => [candidate.taskId, candidate]));
      const started = new Set(assignments.map(({ taskId }) => taskId));
      running = assignments.slice(1).map((one) => ({ ...byId.get(one.taskId)!, nodeId: one.nodeId }));
      waiting = candidates.filter(({ taskId }) => !started.has(taskId));
      for (const taskId of started) watched.delete(taskId);
      if (watched.size === 0) return round;
    }
    return Infinity;
  }

  it('starves nobody, however urgent the newer tasks are and whosoever they are', () => {
    const old = fc.array(
      fc.record({
        userId: fc.constantFrom(...USERS),
        priority: fc.integer({ min: 0, max: 3 }),
        wanted: fc.subarray(CLASSES),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(old, fc.constantFrom('ann', 'new'), fc.integer({ min: 1, max: 3 }), (given, owner, count) => {
        const nodes = makeNodes(count).map((one) => ({ ...one, capabilities: { classes: CLASSES, models: {} } }));
        const make = (
          taskId: string,
          { wanted, ...rest }: { wanted: string[]; userId: string; priority: number },
          round = 0,
        ) =>
          makeCandidate({
            taskId,
            queuedAtMs: round * 1_000,
            requirement: { classes: wanted, models: {} },
            requirementKey: wanted.join(),
            ...rest,
          });
        const tasks = given.map((one, index) => make(`old-${index}`, one));
        const stream = (round: number) =>
          Array.from({ length: 2 * count }, (_, index) =>
            make(
              `${round}-${index}`,
              { wanted: [], priority: 5, userId: owner === 'new' ? `${round}-${index}` : owner },
              round,
            ),
          );
        expect(roundsUntilOver(tasks, nodes, stream)).toBeLessThan(Infinity);
      }),
      { numRuns: 50 },
    );
  });

  it('I22 reads one class of every user before the second of any', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({
      userId: 'ann',
      requirementKey: `model-${index}`,
      priority: 1,
      queuedAtMs: index,
    }));
    const late = { userId: 'bob', requirementKey: 'model-1', priority: 1, queuedAtMs: 9_999 };
    for (const nowMs of [10_000, 10_000_000]) {
      const ordered = orderClasses([...many, late], {
        policy: DEFAULT_POLICY,
        nowMs,
        topPriority: 1,
        occupancy: new Occupancy([], []),
        capableIdsOf: () => new Set<string>(),
      });
      expect(ordered.indexOf(late)).toBeLessThan(2);
      expect(ordered).toHaveLength(5_001);
    }
  });

  it('asks about a class once, not about each of its ten thousand tasks', () => {
    let looks = 0;
    const excludedNodeIds = new Proxy([] as string[], {
      get: (list, key) => ((looks += 1), Reflect.get(list, key) as unknown),
    });
    const candidates = Array.from({ length: 10_000 }, (_, index) =>
      makeCandidate({ taskId: `${index}`, excludedNodeIds }),
    );
    const { assignments, waiting } = planAssignments(makeSituation({ candidates, nodes: makeNodes(3) }));
    expect([assignments.length, waiting.size]).toEqual([3, 9_997]);
    expect(looks).toBeLessThan(50);
  });
});
