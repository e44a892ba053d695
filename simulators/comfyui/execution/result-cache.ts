import { createHash, randomUUID } from 'node:crypto';
import { PythonError } from '../python-error.js';
import { isLink, type NodeId, type PromptGraph } from '../protocol.js';
import type { Catalog, NodeResult, NodeTable } from '../nodes/node-class.js';

/**
 * Results of the last prompt, found by what a node computes and not by its id: class, inputs, ancestors. A node of the
 * next prompt with the same signature is not run again. What the next prompt does not mention is forgotten.
 */
export class ResultCache {
  private readonly results = new Map<string, NodeResult>();
  private signatures = new Map<NodeId, string>();

  constructor(
    private readonly classes: NodeTable,
    private readonly catalog: Catalog,
    private readonly keepsResults: boolean,
  ) {}

  /**
   * Turns to a new prompt. Throws on a node without inputs, which no request was refused for, and without a cache on a
   * link to nowhere: this kills the worker.
   */
  async begin(graph: PromptGraph): Promise<void> {
    this.signatures = new Map();
    for (const nodeId of Object.keys(graph)) await this.sign(nodeId, graph, new Set());
    const mentioned = new Set(this.signatures.values());
    for (const signature of this.results.keys()) {
      if (!this.keepsResults || !mentioned.has(signature)) this.results.delete(signature);
    }
  }

  /** Nodes have been added to the prompt while it runs. */
  async extend(graph: PromptGraph): Promise<void> {
    for (const nodeId of Object.keys(graph)) await this.sign(nodeId, graph, new Set());
  }

  cachedNodes(): NodeId[] {
    return [...this.signatures.keys()].filter((nodeId) => this.has(nodeId));
  }

  has(nodeId: NodeId): boolean {
    return this.find(nodeId) !== undefined;
  }

  find(nodeId: NodeId): NodeResult | undefined {
    return this.results.get(this.signatures.get(nodeId) ?? '');
  }

  set(nodeId: NodeId, result: NodeResult): void {
    const signature = this.signatures.get(nodeId);
    if (signature !== undefined) this.results.set(signature, result);
  }

  /** Every node of the prompt that has shown something, now or when it last ran. */
  shown(): [NodeId, Record<string, unknown>][] {
    return [...this.signatures.keys()].flatMap((nodeId) => {
      const ui = this.find(nodeId)?.ui;
      return ui ? [[nodeId, ui] as [NodeId, Record<string, unknown>]] : [];
    });
  }

  clear(): void {
    this.results.clear();
  }

  private async sign(nodeId: NodeId, graph: PromptGraph, path: Set<NodeId>): Promise<string> {
    const known = this.signatures.get(nodeId);
    const node = graph[nodeId];
    if (known !== undefined) return known;
    if (!node && !this.keepsResults) throw new PythonError('KeyError', `'${nodeId}'`);
    if (!node || path.has(nodeId)) return `no such ancestor: ${nodeId}`;
    if (!node.inputs) throw new PythonError('KeyError', "'inputs'");
    const inputs: unknown[] = [node.class_type, await this.fingerprint(node.class_type, node.inputs)];
    for (const [name, value] of Object.entries(node.inputs).sort(([left], [right]) => (left < right ? -1 : 1))) {
      const isAncestor = isLink(value) && value.length === 2;
      inputs.push(name, isAncestor ? [await this.sign(value[0], graph, new Set([...path, nodeId])), value[1]] : value);
    }
    const signature = createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
    this.signatures.set(nodeId, signature);
    return signature;
  }

  private async fingerprint(className: string, inputs: Record<string, unknown>): Promise<string> {
    const nodeClass = this.classes.get(className);
    // A fingerprint that cannot be taken equals no other: the node runs.
    return (await nodeClass?.fingerprint?.(inputs, this.catalog).catch(() => randomUUID())) ?? '';
  }
}
