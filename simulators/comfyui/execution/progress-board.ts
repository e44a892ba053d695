import type { NodeId } from '../protocol.js';

interface NodeProgress extends LineageIds {
  value: number;
  max: number;
  state: 'running' | 'finished';
  node_id: NodeId;
  prompt_id: string;
}

interface LineageIds {
  display_node_id: NodeId;
  parent_node_id: NodeId | null;
  real_node_id: NodeId;
}

/** How far each node of the running prompt is. Every frame shows all nodes met so far. */
export class ProgressBoard {
  private readonly nodes: Record<NodeId, NodeProgress> = {};
  /** Nodes that came up at run time, with the node that expanded into them. */
  private readonly parents = new Map<NodeId, NodeId>();

  constructor(private readonly promptId: string) {}

  adopt(nodeId: NodeId, parent: NodeId): void {
    this.parents.set(nodeId, parent);
  }

  /** The node of the submitted graph that stands for this one. */
  topOf(nodeId: NodeId): NodeId {
    const parent = this.parents.get(nodeId);
    return parent === undefined ? nodeId : this.topOf(parent);
  }

  idsOf(nodeId: NodeId): LineageIds {
    const top = this.topOf(nodeId);
    return { display_node_id: top, parent_node_id: this.parents.get(nodeId) ?? null, real_node_id: top };
  }

  start(nodeId: NodeId): void {
    this.nodes[nodeId] = this.entry(nodeId, 0, 1, 'running');
  }

  advance(nodeId: NodeId, value: number, max: number): void {
    this.nodes[nodeId] = this.entry(nodeId, value, max, 'running');
  }

  finish(nodeId: NodeId): void {
    const max = this.nodes[nodeId]?.max ?? 1;
    this.nodes[nodeId] = this.entry(nodeId, max, max, 'finished');
  }

  frame(): Record<string, unknown> {
    return { prompt_id: this.promptId, nodes: this.nodes };
  }

  /** What accompanies a preview to a client that asked for it. */
  previewMetadata(nodeId: NodeId): Record<string, unknown> {
    return { node_id: nodeId, prompt_id: this.promptId, ...this.idsOf(nodeId), image_type: 'image/jpeg' };
  }

  private entry(nodeId: NodeId, value: number, max: number, state: NodeProgress['state']): NodeProgress {
    return { value, max, state, node_id: nodeId, prompt_id: this.promptId, ...this.idsOf(nodeId) };
  }
}
