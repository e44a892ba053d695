import type { Occupancy } from './occupancy.js';
import type { Candidate, NodeState, PlanPolicy, Strategy } from './situation.js';

export interface Choice {
  node: NodeState;
  /** Why this one, for people. */
  reason: string;
  isForWarmModel: boolean;
}

export interface ChoiceRules {
  policy: PlanPolicy;
  occupancy: Occupancy;
  seed: string;
  lastNodeId: string | undefined;
  /** How many times on end each node was chosen for a loaded model; grows as the plan is made. */
  streaks: ReadonlyMap<string, number>;
}

/** Those that may take one more: idle ones, or else, where none is idle, ones whose prompt is nearly done (I17). */
export function findOpen(nodes: NodeState[], { occupancy, policy }: Pick<ChoiceRules, 'occupancy' | 'policy'>) {
  const willing = nodes.filter(({ awayBecause }) => awayBecause === undefined);
  const idle = willing.filter(({ nodeId }) => occupancy.slotsOf(nodeId).length === 0);
  if (idle.length > 0) return idle;
  return willing.filter(({ nodeId, limit }) => {
    const taken = occupancy.slotsOf(nodeId);
    return taken.length < limit && taken.every(({ progress }) => progress >= policy.secondSlotFromPercent);
  });
}

/** One of `open`, by the strategy, unless another has the task's models loaded and hardly more to do. */
export function chooseNode(task: Candidate, open: NodeState[], rules: ChoiceRules): Choice {
  const { occupancy, policy } = rules;
  const loads = new Map(open.map(({ nodeId }) => [nodeId, occupancy.loadOf(nodeId)]));
  const loadOf = (node: NodeState) => loads.get(node.nodeId)!;
  const isIdle = open.every((node) => loadOf(node) === 0 && occupancy.slotsOf(node.nodeId).length === 0);
  const among = `${open.length} ${isIdle ? 'idle' : 'nearly finished'} node${open.length === 1 ? '' : 's'}`;
  const tell = (node: NodeState, why: string) => `${why}; ${among} could take it, load ${loadOf(node).toFixed(2)}`;
  const least = leastLoaded(open, loadOf);
  const warm = findWarm(task, open, rules).filter((node) => loadOf(node) <= loadOf(least) + policy.affinityLoad);
  if (warm.length > 0) {
    const node = leastLoaded(warm, loadOf);
    return { node, reason: tell(node, 'its models are loaded there'), isForWarmModel: true };
  }
  const node = PICKERS[policy.strategy](open, { loadOf, rules, draw: drawFor(task.taskId, rules.seed) });
  return { node, reason: tell(node, WORDS[policy.strategy]), isForWarmModel: false };
}

/** Bounded: after so many times on end a node takes its turn as the others do. */
function findWarm(task: Candidate, open: NodeState[], { policy, streaks }: ChoiceRules): NodeState[] {
  const wanted = Object.values(task.requirement.models);
  if (wanted.length === 0) return [];
  return open.filter(
    ({ nodeId, warmModels }) =>
      (streaks.get(nodeId) ?? 0) < policy.affinityStreak && wanted.every((file) => warmModels.includes(file)),
  );
}

interface PickerTools {
  loadOf: (node: NodeState) => number;
  rules: ChoiceRules;
  /** 0 or more, below 1. */
  draw: number;
}

const PICKERS: Record<Strategy, (open: NodeState[], tools: PickerTools) => NodeState> = {
  least_loaded: (open, { loadOf }) => leastLoaded(open, loadOf),
  round_robin: (open, { rules }) => {
    const inTurn = [...open].sort(byId);
    const { lastNodeId } = rules;
    return inTurn.find(({ nodeId }) => lastNodeId !== undefined && nodeId > lastNodeId) ?? inTurn[0]!;
  },
  weighted: (open, { loadOf, draw }) =>
    drawOne(open, draw, (node) => node.priority * Math.max(0.01, 1 - loadOf(node) / node.limit)),
  random: (open, { draw }) => drawOne(open, draw, () => 1),
  priority_based: (open, { loadOf }) => {
    const highest = Math.max(...open.map(({ priority }) => priority));
    return leastLoaded(
      open.filter(({ priority }) => priority === highest),
      loadOf,
    );
  },
};

const WORDS: Record<Strategy, string> = {
  least_loaded: 'least loaded',
  round_robin: 'next in turn',
  weighted: 'drawn by priority and free share',
  random: 'drawn at random',
  priority_based: 'highest priority',
};

function leastLoaded(open: NodeState[], loadOf: (node: NodeState) => number): NodeState {
  return open.reduce((best, node) => ((loadOf(node) - loadOf(best) || byId(node, best)) < 0 ? node : best));
}

function drawOne(open: NodeState[], draw: number, weightOf: (node: NodeState) => number): NodeState {
  const inOrder = [...open].sort(byId);
  let left = draw * inOrder.reduce((sum, node) => sum + weightOf(node), 0);
  for (const node of inOrder) {
    left -= weightOf(node);
    if (left < 0) return node;
  }
  return inOrder.at(-1)!;
}

function byId(a: { nodeId: string }, b: { nodeId: string }): number {
  return a.nodeId < b.nodeId ? -1 : a.nodeId > b.nodeId ? 1 : 0;
}

/** By the task, so that the same draw does not depend on how many were planned before it (32-bit FNV-1a, mixed). */
function drawFor(taskId: string, seed: string): number {
  let hash = 0x811c9dc5;
  for (const letter of `${seed}/${taskId}`) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
