import type { NodeView } from '../../admin/index.js';
import type { RunningTask } from '../../shared/index.js';
import type { NodeState, TakenSlot } from './situation.js';

/** What the scheduler remembers of a node's last task. A hint: after a takeover it begins anew. */
export interface Warmth {
  models: string[];
  /** How many times on end the node was chosen for them. */
  streak: number;
}

export function toNodeStates(
  nodes: NodeView[],
  running: RunningTask[],
  warmth: ReadonlyMap<string, Warmth>,
): NodeState[] {
  const slots = new Map<string, TakenSlot[]>();
  for (const { nodeId, slot, progress } of running) {
    if (slot !== null) slots.set(nodeId, [...(slots.get(nodeId) ?? []), { slot, progress }]);
  }
  return nodes.map((node, index) => ({
    nodeId: node.nodeId,
    name: publicNameOf(node, index),
    awayBecause: findAway(node),
    barredWorkflows: node.breaker.openWorkflows,
    capabilities: node.capabilities,
    limit: Math.min(node.maxConcurrent, 2),
    slots: slots.get(node.nodeId) ?? [],
    priority: priorityOf(node),
    warmModels: warmth.get(node.nodeId)?.models ?? [],
    warmStreak: warmth.get(node.nodeId)?.streak ?? 0,
  }));
}

/** Its name, unless that tells where it is, as those do that are made from the address. */
export function publicNameOf({ name, host }: NodeView, index: number): string {
  const words = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return words(name).includes(words(host)) ? `node ${index + 1}` : name;
}

/** What keeps a node from new work; undefined: nothing. */
export function findAway(node: NodeView): NodeState['awayBecause'] {
  if (node.status !== 'online' && node.status !== 'busy') return 'offline';
  if (node.drainUntil) return 'draining';
  if (node.isCordoned) return 'cordoned';
  return node.breaker.isOpen ? 'held back after failures' : undefined;
}

function priorityOf({ metadata }: NodeView): number {
  const priority = Number(metadata.priority ?? 1);
  return Number.isFinite(priority) ? Math.max(1, priority) : 1;
}
