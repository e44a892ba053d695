import type { PromptOutcome } from '../prompt-log.js';
import { isLink, type HistoryEntry, type Link, type NodeId, type PromptGraph, type QueueItem } from '../protocol.js';
import { PythonError } from '../python-error.js';
import type { Expansion, NodeClass, NodeContext, NodeResult } from '../nodes/node-class.js';
import { ExecutionBlocker } from './execution-blocker.js';
import { ExecutionOrder } from './execution-order.js';
import { InterruptedError } from './interrupt.js';
import { RunReporter } from './run-reporter.js';
import type { Workplace } from './workplace.js';

/** One prompt from execution_start to its last message. Sends the frames and collects what history will say. */
export class PromptRun {
  private readonly executed = new Set<NodeId>();
  private readonly reporter: RunReporter;
  /** What was asked for, and the nodes that expanding ones have added since. */
  private graph: PromptGraph;
  /** The node that is running now, for clients that connect in the middle. */
  currentNode: NodeId | undefined;

  constructor(
    private readonly item: QueueItem,
    private readonly place: Workplace,
  ) {
    this.graph = item[2];
    this.reporter = new RunReporter(item, place.sockets);
  }

  async execute(): Promise<PromptOutcome> {
    const { cache, interrupt, instances } = this.place;
    interrupt.clear();
    this.reporter.report('execution_start', {});
    await cache.begin(this.graph);
    instances.begin(this.graph);
    this.reporter.report('execution_cached', { nodes: cache.cachedNodes() });
    const order = this.orderFor(this.item[4]);
    while (!order.isEmpty) {
      const nodeId = order.next();
      try {
        await this.runNode(nodeId);
      } catch (thrown) {
        this.place.signal.throwIfAborted();
        return this.fail(nodeId, thrown);
      } finally {
        this.currentNode = undefined;
      }
      order.complete(nodeId);
    }
    this.reporter.report('execution_success', {});
    return 'success';
  }

  historyEntry(outcome: PromptOutcome): Omit<HistoryEntry, 'prompt'> {
    const outputs = this.place.cache.shown();
    const meta = outputs.map(([id]) => {
      const { display_node_id, parent_node_id, real_node_id } = this.reporter.board.idsOf(id);
      return [id, { node_id: id, display_node: display_node_id, parent_node: parent_node_id, real_node_id }];
    });
    return {
      outputs: Object.fromEntries(outputs),
      status: {
        status_str: outcome === 'success' ? 'success' : 'error',
        completed: outcome === 'success',
        messages: this.reporter.messages,
      },
      meta: Object.fromEntries(meta) as HistoryEntry['meta'],
    };
  }

  /** The frame by which clients know that the prompt is over, whatever became of it. */
  announceEnd(): void {
    this.reporter.announceEnd();
  }

  private orderFor(outputs: NodeId[]): ExecutionOrder {
    return new ExecutionOrder(this.graph, outputs, {
      isOutput: (nodeId) => this.place.classes.get(this.classNameOf(nodeId))?.outputNode === true,
      isCached: (nodeId) => this.place.cache.has(nodeId),
    });
  }

  private async runNode(nodeId: NodeId): Promise<void> {
    const { cache, interrupt, classes } = this.place;
    const cached = cache.find(nodeId);
    if (cached) {
      this.reporter.show(nodeId, cached.ui ?? null);
      if (cached.ui) this.reporter.finish(nodeId);
      return void this.executed.add(nodeId);
    }
    this.currentNode = this.reporter.board.topOf(nodeId);
    this.reporter.begin(nodeId);
    interrupt.check();
    const nodeClass = classes.get(this.classNameOf(nodeId));
    if (!nodeClass) throw new PythonError('KeyError', `'${nodeId}'`);
    if (nodeClass.outputNode) await this.place.strike();
    const result = this.place.spoil(await this.resultOf(nodeId, nodeClass));
    if (result.ui) await this.show(nodeId, result.ui);
    this.reporter.finish(nodeId);
    cache.set(nodeId, result);
    this.executed.add(nodeId);
  }

  private async resultOf(nodeId: NodeId, nodeClass: NodeClass): Promise<NodeResult> {
    const inputs = this.inputsOf(nodeId);
    const blocker = Object.values(inputs).find((value) => value instanceof ExecutionBlocker);
    if (blocker) {
      const { message } = blocker;
      if (message !== undefined) {
        this.reporter.tellBlocked(nodeId, nodeClass.name, [...this.executed], message);
      }
      return { values: nodeClass.output.map(() => new ExecutionBlocker()) };
    }
    const result = await nodeClass.run(inputs, this.contextOf(nodeId));
    return result.expand ? { values: await this.runSubgraph(nodeId, result.expand) } : result;
  }

  /** Runs what a node has expanded into; the node itself is running until then, and errors are its own. */
  private async runSubgraph(parent: NodeId, { graph, result }: Expansion): Promise<unknown[]> {
    this.graph = { ...this.graph, ...graph };
    for (const nodeId of Object.keys(graph)) this.reporter.board.adopt(nodeId, parent);
    await this.place.cache.extend(this.graph);
    const order = this.orderFor(result.map(([nodeId]) => nodeId));
    while (!order.isEmpty) {
      const nodeId = order.next();
      await this.runNode(nodeId);
      order.complete(nodeId);
    }
    return result.map((link) => this.valueBehind(link));
  }

  private contextOf(nodeId: NodeId): NodeContext {
    const { storage, options, instances } = this.place;
    return {
      storage,
      stepMs: options.stepMs,
      modelLoadMs: options.modelLoadMs,
      timeScale: options.timeScale,
      graph: this.item[2],
      extraData: this.item[3],
      childId: (name) => `${nodeId}.0.0.${name}`,
      instanceName: instances.nameOf(nodeId, this.classNameOf(nodeId)),
      wait: (ms) => this.place.wait(ms),
      loadModel: (name) => this.place.loadModel(name),
      progress: (value, max, preview) => this.advance(nodeId, value, max, preview),
      progressText: (text) => this.reporter.tellText(nodeId, text),
    };
  }

  private async advance(nodeId: NodeId, value: number, max: number, preview?: Buffer): Promise<void> {
    this.place.interrupt.check();
    this.reporter.advance(nodeId, value, max, preview);
    await this.place.strike();
  }

  private async show(nodeId: NodeId, output: Record<string, unknown>): Promise<void> {
    try {
      this.reporter.show(nodeId, output);
    } catch {
      // It cannot be put into JSON. The real server notices on its event loop, which ends the process.
      await this.place.crash();
    }
  }

  private inputsOf(nodeId: NodeId): Record<string, unknown> {
    const { required = {}, optional = {} } = this.place.classes.get(this.classNameOf(nodeId)) ?? {};
    const valueOf = (name: string, value: unknown) => {
      const isWanted = isLink(value) && (required[name] ?? optional[name])?.[1]?.rawLink !== true;
      return isWanted ? this.valueBehind(value) : value;
    };
    const inputs = Object.entries(this.graph[nodeId]?.inputs ?? {});
    return Object.fromEntries(inputs.map(([name, value]) => [name, valueOf(name, value)]));
  }

  private valueBehind([nodeId, slot]: Link): unknown {
    return this.place.cache.find(nodeId)?.values?.[slot];
  }

  private fail(nodeId: NodeId, thrown: unknown): PromptOutcome {
    const base = { node_id: nodeId, node_type: this.classNameOf(nodeId), executed: [...this.executed] };
    if (thrown instanceof InterruptedError) {
      this.reporter.report('execution_interrupted', base, 'everybody');
      return 'interrupted';
    }
    const { exceptionType, message, traceback } = PythonError.from(thrown);
    this.reporter.report('execution_error', {
      ...base,
      exception_message: `${message}\n`,
      exception_type: exceptionType,
      traceback,
      current_inputs: this.printableInputs(nodeId),
      current_outputs: this.place.cache.cachedNodes(),
    });
    return 'error';
  }

  private printableInputs(nodeId: NodeId): Record<string, unknown[]> {
    const printable = (value: unknown) => (typeof value === 'object' && value !== null ? '<object>' : value);
    return Object.fromEntries(Object.entries(this.inputsOf(nodeId)).map(([name, value]) => [name, [printable(value)]]));
  }

  private classNameOf(nodeId: NodeId): string {
    return this.graph[nodeId]?.class_type ?? '';
  }
}
