import { UpstreamError, type Clock, type Logger } from '../../common/index.js';
import type { AssignmentsRepository } from '../../shared/index.js';
import type { ComfyUiClient } from '../comfyui/comfyui-client.js';
import type { QueueEntry, QueueSnapshot } from '../comfyui/protocol.js';
import { markOf } from './prompt-mark.js';

interface Surroundings {
  client: ComfyUiClient;
  assignments: AssignmentsRepository;
  clock: Clock;
  installationId: string;
  log: Logger;
}

/** What a look at the strays of a node found. */
export interface StrayReport {
  /** They run, and were told to stop. */
  running: string[];
  /** What the node answered where it would not be rid of them. */
  refusal: string | undefined;
}

/**
 * Takes prompts off a node that bear our mark but whose assignment is closed: a former owner's late POST, a task that
 * was given up while the node was away, or a trial whose time is over. Foreign prompts are never touched (I13).
 */
export class StrayRemoval {
  /** Whether the latest queue was rid of all strays: nothing may be posted before. */
  areGone = false;
  private isFailing = false;
  /** Logged once each: a stuck worker keeps its stray for hours. */
  private told = new Set<string>();

  constructor(private readonly surroundings: Surroundings) {}

  /** Trouble with strays, of the node or of the database, is no reason to leave alone what is healthy there. */
  async remove(queue: QueueSnapshot): Promise<StrayReport> {
    try {
      const running = await this.tellAndRemove(queue);
      this.isFailing = false;
      this.areGone = true;
      return { running, refusal: undefined };
    } catch (error) {
      const reason = (error as Error).message;
      if (!this.isFailing) this.surroundings.log.warn({ reason }, 'strays not removed; nothing is posted before');
      this.isFailing = true;
      this.areGone = false;
      return { running: [], refusal: error instanceof UpstreamError ? reason : undefined };
    }
  }

  /** The strays that run. */
  private async tellAndRemove({ running, pending }: QueueSnapshot): Promise<string[]> {
    const { client, assignments, log } = this.surroundings;
    const ours = [...running, ...pending].filter((entry) => this.mayBeStray(entry)).map(({ promptId }) => promptId);
    const closed = await assignments.listClosed(ours);
    if (closed.size === 0) return [];
    const isStray = ({ promptId }: { promptId: string }) => closed.has(promptId);
    const waiting = pending.filter(isStray).map(({ promptId }) => promptId);
    if (waiting.length > 0) await client.deletePending(waiting);
    const still = running.filter(isStray).map(({ promptId }) => promptId);
    for (const promptId of still) await client.interrupt(promptId);
    const told = [...closed].filter((promptId) => !this.told.has(promptId));
    if (told.length > 0) log.warn({ promptIds: told }, 'removed prompts whose attempts are over');
    this.told = closed;
    return still;
  }

  /** Ours, and no trial that somebody waits for. */
  private mayBeStray({ extraData }: QueueEntry): boolean {
    const { clock, installationId } = this.surroundings;
    const mark = markOf(extraData);
    if (mark?.installation !== installationId) return false;
    return !('trialUntilMs' in mark) || mark.trialUntilMs < clock.now().getTime();
  }
}
