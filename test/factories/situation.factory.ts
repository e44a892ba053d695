import {
  DEFAULT_POLICY,
  type Candidate,
  type NodeState,
  type PlanPolicy,
  type Situation,
} from '../../src/dispatch/scheduling/situation.js';

const CAPABILITIES = { classes: ['SaveImage'], models: {} };

/** A task that any node can run; a test states only what it is about. */
export function makeCandidate(given: Partial<Candidate> = {}): Candidate {
  return {
    taskId: 'task-1',
    runNo: 1,
    userId: 'ann',
    priority: 1,
    queuedAtMs: 0,
    requirementKey: 'any',
    requirement: { classes: ['SaveImage'], models: {} },
    workflowName: 'pattern',
    workflowLimit: 0,
    excludedNodeIds: [],
    ...given,
  };
}

/** An idle node. */
export function makeNode(given: Partial<NodeState> = {}): NodeState {
  return {
    nodeId: 'node-1',
    name: given.nodeId ?? 'node-1',
    awayBecause: undefined,
    barredWorkflows: [],
    capabilities: CAPABILITIES,
    limit: 2,
    slots: [],
    priority: 1,
    warmModels: [],
    warmStreak: 0,
    ...given,
  };
}

export function makeNodes(count: number, given: Partial<NodeState> = {}): NodeState[] {
  return Array.from({ length: count }, (_, index) => makeNode({ nodeId: `node-${index + 1}`, ...given }));
}

export function makeSituation({
  policy = {},
  ...given
}: Partial<Omit<Situation, 'policy'>> & { policy?: Partial<PlanPolicy> } = {}): Situation {
  return {
    candidates: [makeCandidate()],
    nodes: [makeNode()],
    running: [],
    nowMs: 1_000,
    seed: 'seed',
    ...given,
    policy: { ...DEFAULT_POLICY, ...policy },
  };
}
