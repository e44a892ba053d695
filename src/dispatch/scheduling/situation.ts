import type { Capabilities, Requirement } from '../../shared/index.js';

export const STRATEGIES = ['least_loaded', 'round_robin', 'weighted', 'random', 'priority_based'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** A queued task as the plan sees it; candidates come in any order. */
export interface Candidate {
  taskId: string;
  runNo: number;
  userId: string;
  priority: number;
  queuedAtMs: number;
  requirementKey: string;
  requirement: Requirement;
  workflowName: string;
  /** Tasks of its workflow that may run at once; 0: as many as the nodes take. */
  workflowLimit: number;
  excludedNodeIds: string[];
  /** It goes there only where no other node takes work that it could do. */
  avoidedNodeId?: string | null;
  /** Until then it rests after a failed attempt. */
  notBeforeMs?: number;
  isCancelWished?: boolean;
}

/** A node as the plan sees it. */
export interface NodeState {
  nodeId: string;
  /** For people; never an address. */
  name: string;
  /** Undefined: it takes new work. */
  awayBecause: 'offline' | 'cordoned' | 'draining' | 'held back after failures' | undefined;
  /** Workflows that failed here again and again: they go elsewhere, as long as there is an elsewhere. */
  barredWorkflows: string[];
  /** Undefined: it was never asked, which says nothing of what it can run. */
  capabilities: Capabilities | undefined;
  /** Prompts that it may hold at once: 1 or 2. */
  limit: number;
  slots: TakenSlot[];
  /** The larger the better, at least 1: for the strategies `weighted` and `priority_based`. */
  priority: number;
  /** Model files that its last task used: they are loaded still. */
  warmModels: string[];
  /** How many times on end it was chosen for them. */
  warmStreak: number;
}

export interface TakenSlot {
  slot: number;
  /** 0..100 */
  progress: number;
}

/** An open attempt, as limits and fairness count it. */
export interface Running {
  nodeId: string;
  userId: string;
  priority: number;
  workflowName: string;
}

export interface PlanPolicy {
  strategy: Strategy;
  /** From this progress on of the running prompt a node's second slot may be filled (I17). */
  secondSlotFromPercent: number;
  /** Tasks of one user that may run at once. */
  runningPerUser: number;
  /** So long a wait counts as one priority. */
  ageingMs: number;
  /** How much more work than the best node, in prompts, a node may have and be preferred for a loaded model. */
  affinityLoad: number;
  /** How many times on end a node may be preferred for it. */
  affinityStreak: number;
  /** What becomes of a task that no registered node could ever run. */
  impossibleTasks: 'wait' | 'fail';
}

export const DEFAULT_POLICY: PlanPolicy = {
  strategy: 'least_loaded',
  secondSlotFromPercent: 80,
  runningPerUser: Infinity,
  ageingMs: 300_000,
  affinityLoad: 0.25,
  affinityStreak: 8,
  impossibleTasks: 'wait',
};

/** All that a plan is made from. */
export interface Situation {
  candidates: Candidate[];
  nodes: NodeState[];
  running: Running[];
  policy: PlanPolicy;
  nowMs: number;
  /** Equal seeds draw equal nodes. */
  seed: string;
  /** The node that was chosen last, for `round_robin`. */
  lastNodeId?: string | undefined;
}
