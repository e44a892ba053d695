import type { Clock } from '../../common/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';

const INTERRUPT_EVERY_MS = 3_000;

/** Takes one prompt of ours off its node. */
export class PromptRemoval {
  private interruptedAtMs = -Infinity;

  constructor(
    private readonly promptId: string,
    private readonly client: ComfyUiClient,
    private readonly clock: Clock,
  ) {}

  /** To be repeated until it takes: an interrupt just before the start is lost (docs/comfyui-protocol.md, 3.3). */
  async interrupt(): Promise<void> {
    if (this.clock.monotonicMs() - this.interruptedAtMs < INTERRUPT_EVERY_MS) return;
    this.interruptedAtMs = this.clock.monotonicMs();
    await this.client.interrupt(this.promptId);
  }

  async deletePending(): Promise<void> {
    await this.client.deletePending([this.promptId]);
  }

  /** True only if it is certainly gone and never ran: it may have started, and even ended, in the same moment. */
  async withdraw(): Promise<boolean> {
    await this.deletePending();
    const { running, pending } = await this.client.queue();
    if ([...running, ...pending].some(({ promptId }) => promptId === this.promptId)) return false;
    return (await this.client.history(this.promptId)) === undefined;
  }
}
