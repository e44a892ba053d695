import type { NodeId, QueueItem, StatusMessage } from '../protocol.js';
import type { Sockets } from '../sockets.js';
import { ProgressBoard } from './progress-board.js';

/** What one prompt tells its owner, and sometimes everybody; keeps what history will repeat. */
export class RunReporter {
  readonly messages: StatusMessage[] = [];
  readonly board: ProgressBoard;
  private readonly promptId: string;
  private readonly clientId: string | undefined;

  constructor(
    [, promptId, , extraData]: QueueItem,
    private readonly sockets: Sockets,
  ) {
    this.promptId = promptId;
    this.clientId = (extraData.client_id as string | null | undefined) ?? undefined;
    this.board = new ProgressBoard(promptId);
  }

  /** A message that goes into history too. Prompts without an owner tell nobody, unless it is meant for everybody. */
  report(type: string, data: Record<string, unknown>, audience: 'owner' | 'everybody' = 'owner'): void {
    const message = { prompt_id: this.promptId, ...data, timestamp: Date.now() };
    this.messages.push([type, message]);
    if (audience === 'everybody') this.sockets.send(type, message, this.clientId);
    else this.tellOwner(type, message);
  }

  /** The frame by which clients know that the prompt is over, whatever became of it. */
  announceEnd(): void {
    this.tellOwner('executing', { node: null, prompt_id: this.promptId });
  }

  begin(nodeId: NodeId): void {
    this.board.start(nodeId);
    this.sendProgressState();
    this.tellOwner('executing', { node: nodeId, display_node: this.board.topOf(nodeId), prompt_id: this.promptId });
  }

  advance(nodeId: NodeId, value: number, max: number, preview?: Buffer): void {
    this.board.advance(nodeId, value, max);
    this.sendProgressState();
    const sendProgress = () =>
      this.sockets.send('progress', { value, max, prompt_id: this.promptId, node: nodeId }, this.clientId);
    if (preview) this.sockets.sendPreview(preview, this.board.previewMetadata(nodeId), sendProgress, this.clientId);
    else sendProgress();
  }

  finish(nodeId: NodeId): void {
    this.board.finish(nodeId);
    this.sendProgressState();
  }

  show(nodeId: NodeId, output: Record<string, unknown> | null): void {
    const display_node = this.board.topOf(nodeId);
    this.tellOwner('executed', { node: nodeId, display_node, output, prompt_id: this.promptId });
  }

  tellText(nodeId: NodeId, text: string): void {
    this.sockets.sendText(nodeId, text, this.clientId);
  }

  /** An error frame that ends nothing and that history does not have. */
  tellBlocked(nodeId: NodeId, nodeType: string, executed: NodeId[], message: string): void {
    const where = { prompt_id: this.promptId, node_id: nodeId, node_type: nodeType, executed };
    const what = { exception_message: `Execution Blocked: ${message}`, exception_type: 'ExecutionBlocked' };
    const nothing = { traceback: [], current_inputs: [], current_outputs: [] };
    this.sockets.send('execution_error', { ...where, ...what, ...nothing }, this.clientId);
  }

  private tellOwner(type: string, data: Record<string, unknown>): void {
    if (this.clientId !== undefined) this.sockets.send(type, data, this.clientId);
  }

  private sendProgressState(): void {
    this.sockets.send('progress_state', this.board.frame(), this.clientId);
  }
}
