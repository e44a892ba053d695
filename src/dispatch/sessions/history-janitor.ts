import type { Logger } from '../../common/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';

/** Late enough for a new owner that is just adopting to still find the entry (I15). */
const DELETE_AFTER_MS = 15 * 60_000;

/** Deletes history entries on the node some time after their settle; entries hold whole graphs, and only we do it. */
export class HistoryJanitor {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly client: ComfyUiClient,
    private readonly log: Logger,
  ) {}

  add(promptId: string): void {
    if (this.timers.has(promptId)) return;
    const timer = setTimeout(() => {
      this.timers.delete(promptId);
      this.client.deleteHistory([promptId]).catch((error: unknown) => {
        // Nothing rests on it: the node trims its history by itself.
        this.log.debug({ promptId, reason: (error as Error).message }, 'history entry not deleted');
      });
    }, DELETE_AFTER_MS);
    timer.unref();
    this.timers.set(promptId, timer);
  }

  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }
}
