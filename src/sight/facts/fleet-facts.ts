import { Injectable } from '@nestjs/common';
import { NODE_STATUSES, NodesService } from '../../admin/index.js';
import { QueueFiguresService } from '../../shared/index.js';
import { FactRegistry, gauge, type FactSource } from './fact-source.js';

/** More than this nobody ever gives a node (docs/operations.md, Nodes). */
const SLOTS = 2;
const RESOURCES = { cpu: 'cpu', memory: 'memory', gpu: 'gpu', gpuMemory: 'gpu_memory' } as const;

/** The nodes: their state, their slots, how busy they are, and what was taken out of placement. */
@Injectable()
export class FleetFacts implements FactSource {
  readonly name = 'fleet';
  readonly told;
  private readonly state;
  private readonly slots;
  private readonly usage;
  private readonly breakers;

  constructor(
    registry: FactRegistry,
    private readonly nodes: NodesService,
    private readonly queue: QueueFiguresService,
  ) {
    this.state = gauge(registry, 'cws_node_state', '1 for the state that a node is in, 0 for the others.', [
      'node',
      'state',
    ]);
    this.slots = gauge(registry, 'cws_node_slots', "A node's places for prompts.", ['node', 'state']);
    this.usage = gauge(registry, 'cws_node_usage_ratio', 'How busy a node says it is.', ['node', 'resource']);
    this.breakers = gauge(registry, 'cws_node_breakers_open', 'Open circuit breakers: of the node, of its workflows.', [
      'node',
    ]);
    this.told = [this.state, this.slots, this.usage, this.breakers];
  }

  async read(): Promise<() => void> {
    const [nodes, taken] = await Promise.all([this.nodes.list(), this.queue.countTakenSlots()]);
    return () => {
      for (const gauges of this.told) gauges.reset();
      for (const { nodeId: node, status, isCordoned, drainUntil, maxConcurrent, usage, breaker } of nodes) {
        const shown = isCordoned || drainUntil ? 'maintenance' : status;
        for (const state of NODE_STATUSES) this.state.set({ node, state }, state === shown ? 1 : 0);
        const used = taken.get(node) ?? 0;
        this.slots.set({ node, state: 'used' }, used);
        this.slots.set({ node, state: 'free' }, Math.max(0, Math.min(SLOTS, maxConcurrent) - used));
        for (const [key, resource] of Object.entries(RESOURCES)) {
          this.usage.set({ node, resource }, usage[key as keyof typeof RESOURCES] / 100);
        }
        this.breakers.set({ node }, countOpen(breaker));
      }
    };
  }
}

function countOpen({ isOpen, openWorkflows }: { isOpen: boolean; openWorkflows: readonly string[] }): number {
  return openWorkflows.length + (isOpen ? 1 : 0);
}
