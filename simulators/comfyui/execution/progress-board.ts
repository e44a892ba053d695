import type { NodeId } from '../protocol.js';

interface NodeProgress {
  value: number;
  max: number;
  state: 'running' | 'finished';
  node_id: NodeId;
  prompt_id: string;
  display_node_id: NodeId;
  parent_node_id: NodeId | null;
  real_node_id: NodeId;
}

/** How far each node of the running prompt is. Every frame shows all nodes met so far. */
export class ProgressBoard {
  private readonly nodes: Record<NodeId, NodeProgress> = {};

  constructor(private readonly promptId: string) {}

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
    const ids = { display_node_id: nodeId, parent_node_id: null, real_node_id: nodeId };
    return { node_id: nodeId, prompt_id: this.promptId, ...ids, image_type: 'image/jpeg' };
  }

  private entry(nodeId: NodeId, value: number, max: number, state: NodeProgress['state']): NodeProgress {
    const ids = { node_id: nodeId, prompt_id: this.promptId, display_node_id: nodeId };
    return { value, max, state, ...ids, parent_node_id: null, real_node_id: nodeId };
  }
}
