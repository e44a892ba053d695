import { appendFileSync } from 'node:fs';

export interface RequestEntry {
  prompt: string;
  model: string;
  /** `answered`, a fault's name, or `gone` where the caller left before the answer. */
  outcome: string;
  /** How often this prompt has been asked, this time included. */
  attempt: number;
  /** As the prompt asks for it. */
  latencyMs: number;
  /** From the moment when the request was read: timers are late on a busy machine. */
  tookMs: number;
}

/** What became of each request: counted in memory, and in a file for who counts across a process's end. */
export class RequestLog {
  private readonly asked = new Map<string, number>();
  private readonly answered = new Map<string, number>();
  private readonly outcomes = new Map<string, number>();

  constructor(private readonly file: string | undefined) {}

  /** Gives how often the prompt has been asked. */
  begin(prompt: string): number {
    const attempt = (this.asked.get(prompt) ?? 0) + 1;
    this.asked.set(prompt, attempt);
    return attempt;
  }

  /** Written before the answer leaves: what a caller holds is counted. */
  note(entry: RequestEntry): void {
    this.outcomes.set(entry.outcome, (this.outcomes.get(entry.outcome) ?? 0) + 1);
    if (entry.outcome === 'answered') this.answered.set(entry.prompt, (this.answered.get(entry.prompt) ?? 0) + 1);
    if (this.file) appendFileSync(this.file, `${JSON.stringify({ at: new Date(), ...entry })}\n`);
  }

  /** Answers by prompt, and how requests ended. */
  summary() {
    const prompts = Object.fromEntries(this.answered);
    const total = [...this.answered.values()].reduce((sum, count) => sum + count, 0);
    return { total, outcomes: Object.fromEntries(this.outcomes), prompts };
  }
}
