import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { QueueItem } from './protocol.js';

export type PromptOutcome = 'success' | 'error' | 'interrupted';

export interface PromptLogEntry {
  event: 'accepted' | 'started' | 'finished' | 'deleted';
  prompt_id: string;
  number: number;
  extra_data: Record<string, unknown>;
  /** ISO 8601, the simulator's clock. */
  at: string;
  /** The machine's clock that never jumps: the same for all its processes, to a fraction of a millisecond. */
  monotonic_ms: number;
  outcome?: PromptOutcome;
}

/**
 * What happened to every prompt, as the simulator itself saw it. Written through to a file, so that a test which kills
 * the process can still count; unlike the history of the server it survives restarts.
 */
export class PromptLog {
  private readonly entries: PromptLogEntry[];

  constructor(private readonly path: string) {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    this.entries = lines.filter(Boolean).map((line) => JSON.parse(line) as PromptLogEntry);
  }

  add(event: PromptLogEntry['event'], [number, promptId, , extraData]: QueueItem, outcome?: PromptOutcome): void {
    const at = new Date().toISOString();
    const monotonic_ms = Number(process.hrtime.bigint()) / 1e6;
    const entry: PromptLogEntry = {
      event,
      prompt_id: promptId,
      number,
      extra_data: extraData,
      at,
      monotonic_ms,
      outcome,
    };
    this.entries.push(entry);
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  list(): PromptLogEntry[] {
    return this.entries;
  }
}
