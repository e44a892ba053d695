import fc from 'fast-check';
import { makeCandidate, makeNode, makeNodes, makeSituation } from '../../../test/factories/situation.factory.js';
import { findMissing } from '../../shared/workflows/capabilities.js';
import { planAssignments, type Plan } from './plan-assignments.js';
import { STRATEGIES, type Situation } from './situation.js';

const CLASSES = ['A', 'B', 'C'];
const USERS = ['ann', 'bob', 'cid'];
const classes = fc.subarray(CLASSES);

const node = fc.record({
  awayBecause: fc.constantFrom(undefined, undefined, 'offline' as const, 'cordoned' as const, 'draining' as const),
  capabilities: fc.option(
    classes.map((known) => ({ classes: known, models: {} })),
    { nil: undefined },
  ),
  limit: fc.integer({ min: 1, max: 2 }),
  slots: fc.option(
    fc.integer({ min: 0, max: 100 }).map((progress) => [{ slot: 0, progress }]),
    { nil: [] },
  ),
  priority: fc.integer({ min: 1, max: 3 }),
});

const task = fc.record({
  userId: fc.constantFrom(...USERS),
  priority: fc.integer({ min: 0, max: 3 }),
  queuedAtMs: fc.nat(5_000),
  wanted: classes,
  workflowName: fc.constantFrom('v', 'w'),
  excludedNodeIds: fc.subarray(['node-0', 'node-1', 'node-2'], { maxLength: 2 }),
  isCancelWished: fc.boolean(),
});

const situations: fc.Arbitrary<Situation> = fc
  .record({
    nodes: fc.array(node, { maxLength: 6 }),
    tasks: fc.array(task, { maxLength: 20 }),
    running: fc.array(
      fc.record({
        userId: fc.constantFrom(...USERS),
        nodeId: fc.constantFrom('node-0', 'node-1'),
        priority: fc.integer({ min: 0, max: 3 }),
        workflowName: fc.constantFrom('v', 'w'),
      }),
      { maxLength: 5 },
    ),
    strategy: fc.constantFrom(...STRATEGIES),
    impossibleTasks: fc.constantFrom('wait' as const, 'fail' as const),
    runningPerUser: fc.integer({ min: 1, max: 4 }),
    workflowLimit: fc.nat(4),
    seed: fc.string(),
  })
  .map(({ nodes, tasks, running, workflowLimit, seed, ...policy }) =>
    makeSituation({
      nodes: nodes.map((given, index) => makeNode({ nodeId: `node-${index}`, ...given })),
      candidates: tasks.map(({ wanted, ...given }, index) =>
        makeCandidate({
          taskId: `task-${index}`,
          requirement: { classes: wanted, models: {} },
          requirementKey: `${given.workflowName}#${wanted.join()}`,
          workflowLimit,
          ...given,
        }),
      ),
      running,
      seed,
      nowMs: 5_000,
      policy: { ...policy, ageingMs: 500 },
    }),
  );

const countBy = <T>(items: T[], keyOf: (item: T) => string) =>
  items.reduce(
    (counts, item) => counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1),
    new Map<string, number>(),
  );

const taskOf = ({ candidates }: Situation) => {
  const byId = new Map(candidates.map((candidate) => [candidate.taskId, candidate]));
  return ({ taskId }: { taskId: string }) => byId.get(taskId)!;
};

describe('planAssignments, whatever it is given', () => {
  it('never plans beyond a limit of a node, a user or a workflow', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { assignments } = planAssignments(situation);
        const find = taskOf(situation);
        const { running, nodes, policy } = situation;
        for (const { nodeId, limit, slots } of nodes) {
          const own = assignments.filter((assignment) => assignment.nodeId === nodeId);
          const used = [...slots, ...own].map(({ slot }) => slot);
          expect(new Set(used).size).toBe(used.length);
          expect(own.length === 0 || used.length <= limit).toBe(true);
        }
        const users = countBy(running, ({ userId }) => userId);
        for (const [userId, more] of countBy(assignments, (assignment) => find(assignment).userId)) {
          expect((users.get(userId) ?? 0) + more).toBeLessThanOrEqual(policy.runningPerUser);
        }
        const workflows = countBy(running, ({ workflowName }) => workflowName);
        for (const [name, more] of countBy(assignments, (assignment) => find(assignment).workflowName)) {
          const limit = situation.candidates[0]!.workflowLimit || Infinity;
          expect((workflows.get(name) ?? 0) + more).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('never plans a node that is away, incapable or excluded, nor a task whose cancel is wished', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const find = taskOf(situation);
        for (const assignment of planAssignments(situation).assignments) {
          const { requirement, excludedNodeIds, isCancelWished } = find(assignment);
          const chosen = situation.nodes.find(({ nodeId }) => nodeId === assignment.nodeId)!;
          expect(chosen.awayBecause).toBeUndefined();
          expect(findMissing(requirement, chosen.capabilities!)).toBeUndefined();
          expect(excludedNodeIds).not.toContain(chosen.nodeId);
          expect(isCancelWished).toBe(false);
        }
      }),
    );
  });

  it('accounts for every task once, with a reason', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { assignments, hopeless, waiting } = planAssignments(situation);
        const ids = [...assignments, ...hopeless].map(({ taskId }) => taskId).concat([...waiting.keys()]);
        expect(ids.sort()).toEqual(situation.candidates.map(({ taskId }) => taskId).sort());
        for (const reason of waiting.values()) expect(reason).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });

  it('plans the same from the same, in whatever order it comes', () => {
    const sorted = ({ assignments, hopeless, waiting }: Plan) => ({
      assignments,
      hopeless: [...hopeless].sort((a, b) => (a.taskId < b.taskId ? -1 : 1)),
      waiting: [...waiting].sort(),
    });
    fc.assert(
      fc.property(situations, fc.integer(), (situation, turn) => {
        const { candidates } = situation;
        const at = candidates.length === 0 ? 0 : Math.abs(turn) % candidates.length;
        const turned = { ...situation, candidates: [...candidates.slice(at), ...candidates.slice(0, at)].reverse() };
        expect(sorted(planAssignments(turned))).toEqual(sorted(planAssignments(situation)));
      }),
    );
  });

  it('leaves no task waiting for busy nodes beside one that could take it', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { assignments, waiting } = planAssignments(situation);
        const find = taskOf(situation);
        const idle = situation.nodes.filter(
          ({ nodeId, slots, awayBecause, capabilities }) =>
            !awayBecause && capabilities && slots.length === 0 && assignments.every((one) => one.nodeId !== nodeId),
        );
        for (const [taskId, reason] of waiting) {
          if (!reason.includes('busy')) continue;
          const { requirement, excludedNodeIds } = find({ taskId });
          for (const { nodeId, capabilities } of idle) {
            expect(excludedNodeIds.includes(nodeId) || findMissing(requirement, capabilities!)).toBeTruthy();
          }
        }
      }),
    );
  });

  it('is fair within one task: whoever gets one has at most one more than anybody left waiting', () => {
    const given = fc.record({
      owners: fc.array(fc.constantFrom(...USERS), { minLength: 1, maxLength: 20 }),
      busy: fc.array(fc.constantFrom(...USERS), { maxLength: 6 }),
      nodes: fc.integer({ min: 1, max: 8 }),
      nowMs: fc.constantFrom(0, 1_000_000),
    });
    fc.assert(
      fc.property(given, ({ owners, busy, nodes, nowMs }) => {
        const running = busy.map((userId) => ({ userId, nodeId: 'node-1', priority: 1, workflowName: 'pattern' }));
        const candidates = owners.map((userId, index) =>
          makeCandidate({ taskId: `${index}`, userId, queuedAtMs: index }),
        );
        const { assignments } = planAssignments(makeSituation({ candidates, nodes: makeNodes(nodes), running, nowMs }));
        const mine = new Map(candidates.map(({ taskId, userId }) => [taskId, userId]));
        const totals = countBy([...busy, ...assignments.map(({ taskId }) => mine.get(taskId)!)], (userId) => userId);
        const left = new Set(
          candidates
            .filter(({ taskId }) => !assignments.some((one) => one.taskId === taskId))
            .map(({ userId }) => userId),
        );
        for (const { taskId } of assignments) {
          for (const other of left)
            expect(totals.get(mine.get(taskId)!)! - (totals.get(other) ?? 0)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
