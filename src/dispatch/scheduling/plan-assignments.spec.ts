import { makeCandidate, makeNode, makeNodes, makeSituation } from '../../../test/factories/situation.factory.js';
import { planAssignments } from './plan-assignments.js';

const planned = (given: Parameters<typeof makeSituation>[0]) => planAssignments(makeSituation(given)).assignments;
const reasonOf = (given: Parameters<typeof makeSituation>[0]) =>
  planAssignments(makeSituation(given)).waiting.get('task-1');
const running = (userId: string, nodeId = 'node-9', priority = 1) => ({
  userId,
  nodeId,
  priority,
  workflowName: 'pattern',
});

describe('planAssignments', () => {
  it('takes the higher priority first, then the older', () => {
    const candidates = [
      makeCandidate({ taskId: 'young', queuedAtMs: 2 }),
      makeCandidate({ taskId: 'old', queuedAtMs: 1 }),
      makeCandidate({ taskId: 'urgent', queuedAtMs: 3, priority: 5 }),
    ];
    expect(planned({ candidates, nodes: makeNodes(2) }).map(({ taskId }) => taskId)).toEqual(['urgent', 'old']);
  });

  it('keeps a workflow from a node where it fails, unless it fails on every one', () => {
    const task = makeCandidate({ workflowName: 'sdxl' });
    const failing = makeNode({ barredWorkflows: ['sdxl'] });
    const busy = makeNode({ nodeId: 'node-2', limit: 1, slots: [{ slot: 0, progress: 0 }] });
    const nodesOf = (nodes: ReturnType<typeof makeNode>[], candidate = task) =>
      planned({ candidates: [candidate], nodes }).map(({ nodeId }) => nodeId);
    expect(nodesOf([failing, makeNode({ nodeId: 'node-2' })])).toEqual(['node-2']);
    expect(nodesOf([failing, busy])).toEqual([]);
    expect(nodesOf([failing, busy], makeCandidate({ workflowName: 'other' }))).toEqual(['node-1']);
    expect(nodesOf([failing, { ...busy, barredWorkflows: ['sdxl'] }])).toEqual(['node-1']);
    expect(nodesOf([failing, { ...busy, awayBecause: 'offline' }])).toEqual(['node-1']);
  });

  it('I17 fills a second slot only where no capable node is idle and the running prompt is near its end', () => {
    const at = (progress: number) => makeNode({ slots: [{ slot: 0, progress }] });
    expect(planned({ nodes: [at(50)] })).toEqual([]);
    expect(planned({ nodes: [at(90)] })).toMatchObject([{ slot: 1 }]);
    expect(planned({ nodes: [{ ...at(90), limit: 1 }] })).toEqual([]);
    expect(planned({ nodes: [at(90), makeNode({ nodeId: 'node-2' })] })).toMatchObject([{ nodeId: 'node-2' }]);
  });

  it('lets a wait count as priority, so that the old pass the urgent in the end', () => {
    const candidates = [
      makeCandidate({ taskId: 'old' }),
      makeCandidate({ taskId: 'urgent', userId: 'bob', priority: 3, queuedAtMs: 1_500 }),
    ];
    const first = (nowMs: number) => planned({ candidates, nowMs, policy: { ageingMs: 1_000 } })[0]?.taskId;
    expect(first(1_999)).toBe('urgent');
    expect(first(2_000)).toBe('old');
  });

  it("holds another's first up by one of a thousand old tasks at the most", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => makeCandidate({ taskId: `ann-${index}` }));
    const candidates = [...many, makeCandidate({ taskId: 'bob', userId: 'bob', queuedAtMs: 999_999 })];
    const first = (anns: number) =>
      planned({ candidates, nowMs: 1_000_000, running: Array(anns).fill(running('ann', 'node-1')) })[0]?.taskId;
    expect(first(0)).toMatch(/^ann/);
    expect(first(1)).toBe('bob');
  });

  it('starts no more of one user than may run at once, and gives the nodes to others', () => {
    const candidates = [
      ...[1, 2, 3].map((age) => makeCandidate({ taskId: `ann-${age}`, queuedAtMs: age })),
      makeCandidate({ taskId: 'bob-1', userId: 'bob', queuedAtMs: 9 }),
    ];
    const { assignments, waiting } = planAssignments(
      makeSituation({ candidates, nodes: makeNodes(4), policy: { runningPerUser: 2 }, running: [running('ann')] }),
    );
    expect(assignments.map(({ taskId }) => taskId)).toEqual(['bob-1', 'ann-1']);
    expect(waiting.get('ann-2')).toBe('Its user has as many tasks running as may run at once (2).');
    expect(waiting.has('ann-3')).toBe(true);
  });

  it('starts no more of one workflow than may run at once', () => {
    const candidates = [1, 2, 3].map((age) =>
      makeCandidate({ taskId: `task-${age}`, queuedAtMs: age, workflowLimit: 2 }),
    );
    const plan = planAssignments(makeSituation({ candidates, nodes: makeNodes(4), running: [running('bob')] }));
    expect(plan.assignments.map(({ taskId }) => taskId)).toEqual(['task-1']);
    expect(plan.waiting.get('task-3')).toBe('As many tasks of its workflow are running as may run at once (2).');
  });

  it.each([
    ['No node is registered.', { nodes: [] }],
    ['Every node that could run it is offline.', { nodes: [makeNode({ awayBecause: 'offline' })] }],
    [
      'Every node that could run it is cordoned or draining.',
      { nodes: [makeNode({ awayBecause: 'draining' }), makeNode({ nodeId: 'b', awayBecause: 'cordoned' })] },
    ],
    [
      'No node can run it: node-1 lacks the node class SaveImage.',
      { nodes: [makeNode({ capabilities: { classes: [], models: {} } })] },
    ],
    [
      'No node can run it: near lacks the model a.safetensors; the others lack no less.',
      {
        candidates: [
          makeCandidate({ requirement: { classes: ['SaveImage'], models: { 'Load.name': 'a.safetensors' } } }),
        ],
        nodes: [
          makeNode({ nodeId: 'far', capabilities: { classes: [], models: { 'Load.name': [] } } }),
          makeNode({ nodeId: 'near', capabilities: { classes: ['SaveImage'], models: { 'Load.name': [] } } }),
        ],
      },
    ],
    ['It is not known yet what one node can run.', { nodes: [makeNode({ capabilities: undefined })] }],
    ['Every node that could run it is busy.', { nodes: [makeNode({ limit: 1, slots: [{ slot: 0, progress: 0 }] })] }],
    ['It is being cancelled.', { candidates: [makeCandidate({ isCancelWished: true })] }],
    [
      'Its last attempt failed; the next one begins no earlier than 1970-01-01T00:01:00.000Z.',
      { candidates: [makeCandidate({ notBeforeMs: 60_000 })] },
    ],
  ])('says of a task that waits: %s', (reason, given) => {
    expect(reasonOf(given)).toBe(reason);
  });

  it('fails what no node could ever run at once where the settings say so and every node was asked', () => {
    const lacking = makeNode({ capabilities: { classes: [], models: {} } });
    const hopeless = (nodes = [lacking]) =>
      planAssignments(makeSituation({ nodes, policy: { impossibleTasks: 'fail' } })).hopeless;
    expect(hopeless()).toEqual([
      { taskId: 'task-1', runNo: 1, reason: 'No node can run it: node-1 lacks the node class SaveImage.' },
    ]);
    expect(hopeless([lacking, makeNode({ nodeId: 'new', capabilities: undefined })])).toEqual([]);
    expect(hopeless([lacking, { ...lacking, nodeId: 'away', awayBecause: 'offline' }])).toEqual([]);
    expect(hopeless([])).toEqual([]);
  });

  it('sends another attempt elsewhere, and gives up where there is no elsewhere', () => {
    const candidates = [makeCandidate({ excludedNodeIds: ['node-1'] })];
    expect(planned({ candidates, nodes: makeNodes(2) })).toMatchObject([{ nodeId: 'node-2' }]);
    const hopeless = (others: ReturnType<typeof makeNode>[]) =>
      planAssignments(makeSituation({ candidates, nodes: [makeNode(), ...others] })).hopeless;
    expect(hopeless([])).toMatchObject([{ taskId: 'task-1' }]);
    expect(hopeless([makeNode({ nodeId: 'node-2', awayBecause: 'offline' })])).toEqual([]);
    expect(hopeless([makeNode({ nodeId: 'node-2', capabilities: undefined })])).toEqual([]);
  });

  it('sends what was taken back elsewhere, and where it was only while no other node takes work', () => {
    const candidates = [makeCandidate({ avoidedNodeId: 'node-1' })];
    expect(planned({ candidates, nodes: makeNodes(2) })).toMatchObject([{ nodeId: 'node-2' }]);
    const away = makeNode({ nodeId: 'node-2', awayBecause: 'offline' });
    expect(planned({ candidates, nodes: [makeNode(), away] })).toMatchObject([{ nodeId: 'node-1' }]);
    expect(planned({ candidates, nodes: [makeNode()] })).toMatchObject([{ nodeId: 'node-1' }]);
  });

  it('gives up no task whose other node lacks something for now, unless the settings fail what none could run', () => {
    const candidates = [makeCandidate({ excludedNodeIds: ['node-1'] })];
    const restarted = makeNode({ nodeId: 'node-2', capabilities: { classes: [], models: {} } });
    const plan = (other: ReturnType<typeof makeNode>, impossibleTasks: 'wait' | 'fail') =>
      planAssignments(makeSituation({ candidates, nodes: [makeNode(), other], policy: { impossibleTasks } }));
    expect(plan(restarted, 'wait').hopeless).toEqual([]);
    expect(plan(restarted, 'wait').waiting.get('task-1')).toBe(
      'It failed on every node that is known to be able to run it.',
    );
    expect(plan(restarted, 'fail').hopeless).toMatchObject([{ taskId: 'task-1' }]);
    expect(plan({ ...restarted, awayBecause: 'offline' }, 'fail').hopeless).toEqual([]);
  });
});
