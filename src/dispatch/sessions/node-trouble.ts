import type { Clock, Logger } from '../../common/index.js';
import type { QueueSnapshot } from '../comfyui/protocol.js';
import type { StrayReport } from './stray-removal.js';

interface Surroundings {
  clock: Clock;
  log: Logger;
  /** How long a node has to let go of what it was told to stop. */
  graceMs: number;
}

/**
 * Knows a node that answers and yet is of no use: its worker does not let go of a prompt, or prompts that are over
 * cannot be taken off it. Only a restart helps, which shows in the queue (docs/comfyui-protocol.md, 6.1).
 */
export class NodeTrouble {
  private stuckOn: string | undefined;
  private refusal: string | undefined;
  private refusedSinceMs: number | undefined;
  /** Strays that run, and since when: what was interrupted in vain shows a stuck worker to a new owner, too. */
  private lingering = new Map<string, number>();

  constructor(private readonly surroundings: Surroundings) {}

  /** In words, for people; undefined: none. */
  get reason(): string | undefined {
    if (this.stuckOn !== undefined) {
      return `Its worker is stuck on prompt ${this.stuckOn}, which it does not let go of. Restart the node.`;
    }
    return this.refusal && `What is over cannot be taken off it (${this.refusal}). Restart the node.`;
  }

  declareStuck(promptId: string): void {
    if (this.stuckOn === promptId) return;
    this.stuckOn = promptId;
    this.surroundings.log.error({ promptId }, 'the worker of the node is stuck; it gets no work until it is restarted');
  }

  /** By the node's queue as it is now, and what became of the strays in it. */
  see({ running }: QueueSnapshot, { running: strays, refusal }: StrayReport): void {
    const { clock, log, graceMs } = this.surroundings;
    const now = clock.monotonicMs();
    if (this.stuckOn !== undefined && !running.some(({ promptId }) => promptId === this.stuckOn)) {
      log.info({ promptId: this.stuckOn }, 'the node has let go of the prompt that its worker was stuck on');
      this.stuckOn = undefined;
    }
    this.lingering = new Map(strays.map((promptId) => [promptId, this.lingering.get(promptId) ?? now]));
    for (const [promptId, sinceMs] of this.lingering) if (now - sinceMs > graceMs) this.declareStuck(promptId);
    this.refusedSinceMs = refusal === undefined ? undefined : (this.refusedSinceMs ?? now);
    this.refusal = this.refusedSinceMs !== undefined && now - this.refusedSinceMs > graceMs ? refusal : undefined;
  }
}
