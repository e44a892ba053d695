import type { PromptOutcome } from '../prompt-log.js';
import { isLink, type HistoryEntry, type NodeId, type QueueItem, type StatusMessage } from '../protocol.js';
import { PythonError } from '../python-error.js';
import type { NodeContext, NodeResult } from '../nodes/node-class.js';
import { ExecutionOrder } from './execution-order.js';
import { InterruptedError } from './interrupt.js';
import { ProgressBoard } from './progress-board.js';
import type { Workplace } from './workplace.js';

/** One prompt from execution_start to its last message. Sends the frames and collects what history will say. */
export class PromptRun {
  private readonly messages: StatusMessage[] = [];
  private readonly executed = new Set<NodeId>();
  private readonly board: ProgressBoard;
  private readonly promptId: string;
  private readonly clientId: string | undefined;
  /** The node that is running now, for clients that connect in the middle. */
  currentNode: NodeId | undefined;

  constructor(
    private readonly item: QueueItem,
    private readonly place: Workplace,
  ) {
    this.promptId = item[1];
    this.clientId = (item[3].client_id as string | null | undefined) ?? undefined;
    this.board = new ProgressBoard(this.promptId);
  }

  async execute(): Promise<PromptOutcome> {
    const [, , graph, , outputs] = this.item;
    const { cache, interrupt } = this.place;
    interrupt.clear();
    this.report('execution_start', {});
    await cache.begin(graph);
    this.report('execution_cached', { nodes: cache.cachedNodes() });
    const order = new ExecutionOrder(graph, outputs, {
      isOutput: (nodeId) => this.place.classes.get(graph[nodeId]?.class_type ?? '')?.outputNode === true,
      isCached: (nodeId) => cache.has(nodeId),
    });
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
      this.executed.add(nodeId);
    }
    this.report('execution_success', {});
    return 'success';
  }

  historyEntry(outcome: PromptOutcome): Omit<HistoryEntry, 'prompt'> {
    const outputs = this.place.cache.shown();
    const meta = outputs.map(([id]) => [id, { node_id: id, display_node: id, parent_node: null, real_node_id: id }]);
    return {
      outputs: Object.fromEntries(outputs),
      status: {
        status_str: outcome === 'success' ? 'success' : 'error',
        completed: outcome === 'success',
        messages: this.messages,
      },
      meta: Object.fromEntries(meta) as HistoryEntry['meta'],
    };
  }

  /** The frame by which clients know that the prompt is over, whatever became of it. */
  announceEnd(): void {
    this.tellOwner('executing', { node: null, prompt_id: this.promptId });
  }

  private async runNode(nodeId: NodeId): Promise<void> {
    const { cache, interrupt, classes } = this.place;
    const cached = cache.find(nodeId);
    if (cached) {
      this.tellShown(nodeId, cached.ui ?? null);
      if (cached.ui) this.finishProgress(nodeId);
      return;
    }
    this.board.start(nodeId);
    this.sendProgressState();
    this.currentNode = nodeId;
    this.tellOwner('executing', { node: nodeId, display_node: nodeId, prompt_id: this.promptId });
    interrupt.check();
    const nodeClass = classes.get(this.classNameOf(nodeId));
    if (!nodeClass) throw new PythonError('KeyError', `'${nodeId}'`);
    if (nodeClass.outputNode) await this.place.strike();
    const result: NodeResult = await nodeClass.run(this.inputsOf(nodeId), this.contextOf(nodeId));
    if (result.ui) this.tellShown(nodeId, result.ui);
    this.finishProgress(nodeId);
    cache.set(nodeId, result);
  }

  private contextOf(nodeId: NodeId): NodeContext {
    const { storage, options, sockets } = this.place;
    return {
      storage,
      stepMs: options.stepMs,
      modelLoadMs: options.modelLoadMs,
      timeScale: options.timeScale,
      graph: this.item[2],
      extraData: this.item[3],
      wait: (ms) => this.place.wait(ms),
      loadModel: (name) => this.place.loadModel(name),
      progress: (value, max, preview) => this.advance(nodeId, value, max, preview),
      progressText: (text) => sockets.sendText(nodeId, text, this.clientId),
    };
  }

  private async advance(nodeId: NodeId, value: number, max: number, preview?: Buffer): Promise<void> {
    this.place.interrupt.check();
    this.board.advance(nodeId, value, max);
    this.sendProgressState();
    const sendProgress = () =>
      this.place.sockets.send('progress', { value, max, prompt_id: this.promptId, node: nodeId }, this.clientId);
    if (preview) {
      this.place.sockets.sendPreview(preview, this.board.previewMetadata(nodeId), sendProgress, this.clientId);
    } else {
      sendProgress();
    }
    await this.place.strike();
  }

  private finishProgress(nodeId: NodeId): void {
    this.board.finish(nodeId);
    this.sendProgressState();
  }

  private inputsOf(nodeId: NodeId): Record<string, unknown> {
    const inputs = Object.entries(this.item[2][nodeId]?.inputs ?? {});
    return Object.fromEntries(inputs.map(([name, value]) => [name, isLink(value) ? this.valueBehind(value) : value]));
  }

  private valueBehind([nodeId, slot]: [NodeId, number]): unknown {
    return this.place.cache.find(nodeId)?.values?.[slot];
  }

  private fail(nodeId: NodeId, thrown: unknown): PromptOutcome {
    const base = { node_id: nodeId, node_type: this.classNameOf(nodeId), executed: [...this.executed] };
    if (thrown instanceof InterruptedError) {
      this.report('execution_interrupted', base, 'everybody');
      return 'interrupted';
    }
    const { exceptionType, message, traceback } = PythonError.from(thrown);
    this.report('execution_error', {
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

  /** A message that goes into history too. Prompts without an owner tell nobody, unless it is meant for everybody. */
  private report(type: string, data: Record<string, unknown>, audience: 'owner' | 'everybody' = 'owner'): void {
    const message = { prompt_id: this.promptId, ...data, timestamp: Date.now() };
    this.messages.push([type, message]);
    if (audience === 'everybody') this.place.sockets.send(type, message, this.clientId);
    else this.tellOwner(type, message);
  }

  private tellShown(nodeId: NodeId, output: Record<string, unknown> | null): void {
    this.tellOwner('executed', { node: nodeId, display_node: nodeId, output, prompt_id: this.promptId });
  }

  private tellOwner(type: string, data: Record<string, unknown>): void {
    if (this.clientId !== undefined) this.place.sockets.send(type, data, this.clientId);
  }

  private sendProgressState(): void {
    this.place.sockets.send('progress_state', this.board.frame(), this.clientId);
  }

  private classNameOf(nodeId: NodeId): string {
    return this.item[2][nodeId]?.class_type ?? '';
  }
}
