import type { Capabilities, Requirement } from './capabilities.js';
import { findMissing } from './capabilities.js';

/** A queued task as the plan sees it; candidates come in any order. */
export interface Candidate {
  taskId: string;
  runNo: number;
  userId: string;
  workflowName?: string;
  priority: number;
  queuedAtMs: number;
  requirementKey: string;
  requirement: Requirement;
  excludedNodeIds: string[];
}

/** A node as the plan sees it. */
export interface NodeState {
  nodeId: string;
  /** Online and taking new work. */
  isAvailable: boolean;
  capabilities: Capabilities;
  /** Workflows that failed here again and again: elsewhere, as long as there is an elsewhere. */
  openWorkflows?: string[];
  /** Prompts that it may hold at once: 1 or 2. */
  limit: number;
  slots: TakenSlot[];
}

export interface TakenSlot {
  slot: number;
  /** 0..100 */
  progress: number;
}

export interface PlannedAssignment {
  taskId: string;
  runNo: number;
  nodeId: string;
  slot: number;
  reason: string;
}

export interface Plan {
  assignments: PlannedAssignment[];
  /** Tasks that every node that could run them has failed or refused. */
  hopeless: { taskId: string; runNo: number; reason: string }[];
  /** Why each of the others waits: task id → reason, for people. */
  waiting: Map<string, string>;
}

export interface PlanPolicy {
  /** From this progress on of the running prompt a node's second slot may be filled (I17). */
  secondSlotFromPercent: number;
  /** Tasks of one user that may run at once. */
  runningPerUser: number;
}

export const DEFAULT_POLICY: PlanPolicy = { secondSlotFromPercent: 80, runningPerUser: Infinity };

/**
 * Decides which task runs where: pure, so that the same function answers "why does it wait". Tasks by priority, then
 * age; each to the least loaded node that is available, capable and below its limit. A second slot is used only
 * while no capable node is idle, and none for a user who has as many running as allowed (`running`: user → tasks).
 * Cost: O(t log t + distinct requirements × nodes + assignments × nodes).
 */
export function planAssignments(
  candidates: Candidate[],
  nodes: NodeState[],
  policy = DEFAULT_POLICY,
  running: ReadonlyMap<string, number> = new Map(),
): Plan {
  const runningOf = new Map(running);
  const taken = new Map(nodes.map((node) => [node.nodeId, [...node.slots]]));
  const capability = new Map<string, Map<string, string | undefined>>();
  const plan: Plan = { assignments: [], hopeless: [], waiting: new Map() };
  for (const task of [...candidates].sort(byPriorityThenAge)) {
    const missing = capability.get(task.requirementKey) ?? missingByNode(task.requirement, nodes);
    capability.set(task.requirementKey, missing);
    const choice = chooseNode(task, { nodes, missing, taken, policy, runningOf });
    if ('waitsBecause' in choice) {
      plan.waiting.set(task.taskId, choice.waitsBecause);
      continue;
    }
    if ('isHopeless' in choice) {
      plan.hopeless.push({
        taskId: task.taskId,
        runNo: task.runNo,
        reason: 'It failed on every node that could run it.',
      });
      continue;
    }
    const { node, slot } = choice;
    taken.get(node.nodeId)!.push({ slot, progress: 0 });
    runningOf.set(task.userId, (runningOf.get(task.userId) ?? 0) + 1);
    plan.assignments.push({
      taskId: task.taskId,
      runNo: task.runNo,
      nodeId: node.nodeId,
      slot,
      reason: slot === 0 ? 'least loaded capable node' : 'all capable nodes are busy; this one is nearly done',
    });
  }
  return plan;
}

interface Surroundings {
  nodes: NodeState[];
  missing: Map<string, string | undefined>;
  taken: Map<string, TakenSlot[]>;
  policy: PlanPolicy;
  runningOf: Map<string, number>;
}

type Choice = { node: NodeState; slot: number } | { waitsBecause: string } | { isHopeless: true };

function chooseNode(task: Candidate, { nodes, missing, taken, policy, runningOf }: Surroundings): Choice {
  const capable = nodes.filter(({ nodeId }) => missing.get(nodeId) === undefined);
  if (nodes.length === 0) return { waitsBecause: 'no node is registered' };
  if (capable.length === 0) return { waitsBecause: `no node can run it: ${explainMissing(missing)}` };
  const untried = capable.filter(({ nodeId }) => !task.excludedNodeIds.includes(nodeId));
  if (untried.length === 0) return { isHopeless: true };
  const { runningPerUser } = policy;
  if ((runningOf.get(task.userId) ?? 0) >= runningPerUser) {
    return { waitsBecause: `its user has ${runningPerUser} tasks running, which is as many as may run at once` };
  }
  const willing = untried.filter(({ isAvailable }) => isAvailable);
  if (willing.length === 0) return { waitsBecause: 'no capable node is online' };
  const loadOf = (node: NodeState) => taken.get(node.nodeId)!;
  const trusted = willing.filter(({ openWorkflows = [] }) => !openWorkflows.includes(task.workflowName ?? ''));
  const open = (trusted.length > 0 ? trusted : willing)
    .filter((node) => mayTakeMore(node, loadOf(node), policy))
    .sort((a, b) => loadOf(a).length - loadOf(b).length || (a.nodeId < b.nodeId ? -1 : 1));
  const node = open[0];
  if (!node) return { waitsBecause: 'every capable node is busy' };
  const used = new Set(loadOf(node).map(({ slot }) => slot));
  return { node, slot: used.has(0) ? 1 : 0 };
}

function mayTakeMore(node: NodeState, taken: TakenSlot[], policy: PlanPolicy): boolean {
  if (taken.length === 0) return true;
  return taken.length < node.limit && taken.every(({ progress }) => progress >= policy.secondSlotFromPercent);
}

function missingByNode(requirement: Requirement, nodes: NodeState[]): Map<string, string | undefined> {
  return new Map(nodes.map((node) => [node.nodeId, findMissing(requirement, node.capabilities)]));
}

function explainMissing(missing: Map<string, string | undefined>): string {
  const [first] = [...missing].map(([nodeId, reason]) => `${nodeId} ${reason}`);
  return missing.size > 1 ? `${first}, and ${missing.size - 1} more` : first!;
}

function byPriorityThenAge(a: Candidate, b: Candidate): number {
  return b.priority - a.priority || a.queuedAtMs - b.queuedAtMs || (a.taskId < b.taskId ? -1 : 1);
}
