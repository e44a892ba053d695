import { isLink, type NodeId, type PromptGraph } from '../protocol.js';

interface Questions {
  isOutput: (nodeId: NodeId) => boolean;
  isCached: (nodeId: NodeId) => boolean;
}

/** Hands out the nodes that a set of outputs needs, in the order ComfyUI runs them: what shows something comes early. */
export class ExecutionOrder {
  /** Each waiting node with the nodes it still waits for. */
  private readonly waiting = new Map<NodeId, Set<NodeId>>();

  constructor(
    graph: PromptGraph,
    outputs: NodeId[],
    private readonly ask: Questions,
  ) {
    for (const output of outputs) this.add(output, graph);
  }

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  next(): NodeId {
    const ready = [...this.waiting].filter(([, needs]) => needs.size === 0).map(([nodeId]) => nodeId);
    const feedsOutput = (nodeId: NodeId) => this.waitingFor(nodeId).some(this.ask.isOutput);
    const pick =
      ready.find(this.ask.isOutput) ??
      ready.find(feedsOutput) ??
      ready.find((nodeId) => this.waitingFor(nodeId).some(feedsOutput)) ??
      ready[0];
    if (pick === undefined) throw new Error('Every node waits for another one');
    return pick;
  }

  complete(nodeId: NodeId): void {
    this.waiting.delete(nodeId);
    for (const needs of this.waiting.values()) needs.delete(nodeId);
  }

  private add(output: NodeId, graph: PromptGraph): void {
    const toAdd = [output];
    for (let nodeId = toAdd.pop(); nodeId !== undefined; nodeId = toAdd.pop()) {
      if (this.waiting.has(nodeId)) continue;
      const links = Object.values(graph[nodeId]?.inputs ?? {}).filter(isLink);
      const needs = links.map(([source]) => source).filter((source) => !this.ask.isCached(source));
      this.waiting.set(nodeId, new Set(needs));
      toAdd.push(...needs);
    }
  }

  private waitingFor(nodeId: NodeId): NodeId[] {
    return [...this.waiting].filter(([, needs]) => needs.has(nodeId)).map(([waiting]) => waiting);
  }
}
