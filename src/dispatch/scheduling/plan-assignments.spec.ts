import fc from 'fast-check';
import { DEFAULT_POLICY, planAssignments, type Candidate, type NodeState } from './plan-assignments.js';

const makeCandidate = (given: Partial<Candidate> = {}): Candidate => ({
  taskId: 'task-1',
  runNo: 1,
  userId: 'ann',
  priority: 1,
  queuedAtMs: 0,
  requirementKey: 'any',
  requirement: { classes: ['SaveImage'], models: {} },
  excludedNodeIds: [],
  ...given,
});

const makeNode = (given: Partial<NodeState> = {}): NodeState => ({
  nodeId: 'node-1',
  isAvailable: true,
  capabilities: { classes: ['SaveImage'], models: {} },
  limit: 2,
  slots: [],
  ...given,
});

describe('planAssignments', () => {
  it('takes the higher priority first, then the older', () => {
    const tasks = [
      makeCandidate({ taskId: 'young', queuedAtMs: 2 }),
      makeCandidate({ taskId: 'old', queuedAtMs: 1 }),
      makeCandidate({ taskId: 'urgent', queuedAtMs: 3, priority: 5 }),
    ];
    const nodes = [makeNode(), makeNode({ nodeId: 'node-2' })];
    expect(planAssignments(tasks, nodes).assignments.map(({ taskId }) => taskId)).toEqual(['urgent', 'old']);
  });

  it('chooses the least loaded node and gives the reason', () => {
    const busy = makeNode({ slots: [{ slot: 0, progress: 95 }] });
    const { assignments } = planAssignments([makeCandidate()], [busy, makeNode({ nodeId: 'node-2' })]);
    expect(assignments).toEqual([
      { taskId: 'task-1', runNo: 1, nodeId: 'node-2', slot: 0, reason: 'least loaded capable node' },
    ]);
  });

  it('keeps a workflow from a node where it fails, unless it fails on every one', () => {
    const task = makeCandidate({ workflowName: 'sdxl' });
    const failing = makeNode({ openWorkflows: ['sdxl'] });
    const busy = makeNode({ nodeId: 'node-2', limit: 1, slots: [{ slot: 0, progress: 0 }] });
    const nodesOf = (nodes: NodeState[], candidate = task) =>
      planAssignments([candidate], nodes).assignments.map(({ nodeId }) => nodeId);
    expect(nodesOf([failing, makeNode({ nodeId: 'node-2' })])).toEqual(['node-2']);
    expect(nodesOf([failing, busy])).toEqual([]);
    expect(nodesOf([failing, busy], makeCandidate({ workflowName: 'other' }))).toEqual(['node-1']);
    expect(nodesOf([failing, { ...busy, openWorkflows: ['sdxl'] }])).toEqual(['node-1']);
  });

  it('I17 fills a second slot only where no capable node is idle and the running prompt is near its end', () => {
    const at = (progress: number) => makeNode({ slots: [{ slot: 0, progress }] });
    expect(planAssignments([makeCandidate()], [at(50)]).assignments).toEqual([]);
    expect(planAssignments([makeCandidate()], [at(90)]).assignments).toMatchObject([{ slot: 1 }]);
    expect(planAssignments([makeCandidate()], [{ ...at(90), limit: 1 }]).assignments).toEqual([]);
  });

  it.each([
    ['no node is registered', []],
    ['no capable node is online', [makeNode({ isAvailable: false })]],
    [
      'no node can run it: node-1 lacks the node class SaveImage',
      [makeNode({ capabilities: { classes: [], models: {} } })],
    ],
    ['every capable node is busy', [makeNode({ limit: 1, slots: [{ slot: 0, progress: 0 }] })]],
  ])('says that a task waits because %s', (reason, nodes) => {
    expect(planAssignments([makeCandidate()], nodes).waiting.get('task-1')).toBe(reason);
  });

  it('sends another attempt elsewhere, and gives up where there is no elsewhere', () => {
    const task = makeCandidate({ excludedNodeIds: ['node-1'] });
    expect(planAssignments([task], [makeNode(), makeNode({ nodeId: 'node-2' })]).assignments).toMatchObject([
      { nodeId: 'node-2' },
    ]);
    expect(planAssignments([task], [makeNode()]).hopeless).toMatchObject([{ taskId: 'task-1' }]);
    expect(planAssignments([task], [makeNode(), makeNode({ nodeId: 'node-2', isAvailable: false })]).hopeless).toEqual(
      [],
    );
  });

  it('starts no more of one user than may run at once, and gives the nodes to others', () => {
    const tasks = [
      ...[1, 2, 3].map((age) => makeCandidate({ taskId: `ann-${age}`, queuedAtMs: age })),
      makeCandidate({ taskId: 'bob-1', userId: 'bob', queuedAtMs: 9 }),
    ];
    const nodes = [1, 2, 3, 4].map((number) => makeNode({ nodeId: `node-${number}` }));
    const policy = { ...DEFAULT_POLICY, runningPerUser: 2 };
    const { assignments, waiting } = planAssignments(tasks, nodes, policy, new Map([['ann', 1]]));
    expect(assignments.map(({ taskId }) => taskId)).toEqual(['ann-1', 'bob-1']);
    expect(waiting.get('ann-2')).toBe('its user has 2 tasks running, which is as many as may run at once');
    expect(waiting.has('ann-3')).toBe(true);
  });

  it('never plans a slot or a task twice, never overfills a node, and accounts for every task', () => {
    const node = fc.record({
      isAvailable: fc.boolean(),
      limit: fc.integer({ min: 1, max: 2 }),
      progress: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    });
    const task = fc.record({ priority: fc.integer({ min: 0, max: 3 }), queuedAtMs: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 6 }), fc.array(task, { maxLength: 12 }), (someNodes, someTasks) => {
        const nodes = someNodes.map(({ isAvailable, limit, progress }, index) =>
          makeNode({
            nodeId: `node-${index}`,
            isAvailable,
            limit,
            slots: progress === undefined ? [] : [{ slot: 0, progress }],
          }),
        );
        const tasks = someTasks.map((given, index) => makeCandidate({ taskId: `task-${index}`, ...given }));
        const { assignments, waiting } = planAssignments(tasks, nodes);
        const places = assignments.map(({ nodeId, slot }) => `${nodeId}/${slot}`);
        expect(new Set(places).size).toBe(places.length);
        expect(new Set(assignments.map(({ taskId }) => taskId)).size).toBe(assignments.length);
        expect(assignments.length + waiting.size).toBe(tasks.length);
        for (const { nodeId, isAvailable, limit, slots } of nodes) {
          const planned = assignments.filter((assignment) => assignment.nodeId === nodeId);
          expect(planned.length === 0 || isAvailable).toBe(true);
          expect(planned.length + slots.length).toBeLessThanOrEqual(Math.max(limit, slots.length));
          for (const { slot } of slots) expect(planned.some((assignment) => assignment.slot === slot)).toBe(false);
        }
      }),
    );
  });
});
