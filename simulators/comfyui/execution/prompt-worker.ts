import type { FaultBoard } from '../faults.js';
import type { PromptLog } from '../prompt-log.js';
import type { QueueItem } from '../protocol.js';
import type { History } from '../queue/history.js';
import type { PromptQueue } from '../queue/prompt-queue.js';
import { PromptRun } from './prompt-run.js';
import type { Workplace } from './workplace.js';

interface Tools {
  queue: PromptQueue;
  history: History;
  place: Workplace;
  faults: FaultBoard;
  log: PromptLog;
}

/** The only hand that executes prompts, one at a time, until the server goes away. */
export class PromptWorker {
  private run: PromptRun | undefined;
  private item: QueueItem | undefined;
  /** The thread has died: what it ran stays running for ever. */
  isDead = false;
  private freeRequest = { unloadModels: false, freeMemory: false };

  constructor(private readonly tools: Tools) {}

  /** The node that runs for this client now. */
  currentNode(clientId: string): string | undefined {
    return this.item?.[3].client_id === clientId ? this.run?.currentNode : undefined;
  }

  /** Acts at once when idle, else after the running prompt. */
  requestFree(unloadModels: boolean, freeMemory: boolean): void {
    this.freeRequest.unloadModels ||= unloadModels;
    this.freeRequest.freeMemory ||= freeMemory;
    if (!this.item) this.free();
  }

  async work(): Promise<void> {
    const { queue, log, place } = this.tools;
    try {
      for (let item = await queue.take(place.signal); item; item = await queue.take(place.signal)) {
        log.add('started', item);
        this.item = item;
        await this.execute(item);
        this.item = undefined;
        this.free();
      }
    } catch {
      // The thread is dead, by a graph that Python cannot digest or because the server went away. As with the real one,
      // its prompt stays in queue_running and nothing else shows it.
      this.isDead = true;
    }
  }

  private async execute(item: QueueItem): Promise<void> {
    const { queue, history, place, faults, log } = this.tools;
    // An object for a client id is accepted, and kills the process when the first message looks for its socket.
    if (typeof item[3].client_id === 'object' && item[3].client_id !== null) place.die();
    place.beginPrompt();
    this.run = new PromptRun(item, place);
    const outcome = await this.run.execute();
    const late = faults.take('late_history');
    if (late) await place.wait(late.delayMs);
    const race = faults.take('history_race');
    if (race) await Promise.race([history.missed(item[1]), place.wait(race.delayMs)]);
    if (!faults.take('lose_history')) history.add(this.run.historyEntry(outcome), item);
    log.add('finished', item, outcome);
    queue.finish();
    this.run.announceEnd();
  }

  private free(): void {
    if (this.freeRequest.unloadModels) this.tools.place.unloadModels();
    if (this.freeRequest.freeMemory) this.tools.place.forgetResults();
    this.freeRequest = { unloadModels: false, freeMemory: false };
  }
}
