import type { PromptTimes } from '../../shared/index.js';

/** An idle node starts a prompt as soon as it has accepted it: both, and the end of a short one, share a write. */
const GATHER_MS = 50;

/**
 * What a session learned of a prompt, written down beside its work: what ends the attempt waits for it. Its end is written at
 * once, since others wait for the slot; what is learned while a write is under way goes with the next one.
 */
export class LearnedTimes {
  private readonly known = new Map<keyof PromptTimes, Date>();
  private isWritten = true;
  private isOurs = true;
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** `write` says whether the attempt is still ours; what stands on record is not written again. */
  constructor(
    private readonly write: (times: PromptTimes) => Promise<boolean>,
    { acceptedAt, startedAt }: { acceptedAt: Date | null; startedAt: Date | null },
  ) {
    if (acceptedAt) this.known.set('acceptedAt', acceptedAt);
    if (startedAt) this.known.set('startedAt', startedAt);
  }

  knows(what: keyof PromptTimes): boolean {
    return this.known.has(what);
  }

  get(what: keyof PromptTimes): Date | undefined {
    return this.known.get(what);
  }

  learn(what: keyof PromptTimes, at: Date): void {
    if (this.known.has(what)) return;
    this.known.set(what, at);
    this.isWritten = false;
    if (what === 'endedAt') this.writeBeside();
    else this.timer ??= setTimeout(() => this.writeBeside(), GATHER_MS);
  }

  /** Once all that was learned is on record: whether the attempt was still ours. Throws what the database does. */
  async written(): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.writing || !this.isWritten) {
      this.writing ??= this.writeDown().finally(() => (this.writing = undefined));
      await this.writing;
    }
    return this.isOurs;
  }

  /** Writes what is left, and waits for the write under way, however it ends. */
  async settled(): Promise<void> {
    await this.written().catch(() => undefined);
  }

  private writeBeside(): void {
    // One that fails is tried again by the next who waits for it.
    this.written().catch(() => undefined);
  }

  private async writeDown(): Promise<void> {
    this.isWritten = true;
    const [first] = this.known.values();
    const { acceptedAt = first!, ...others } = Object.fromEntries(this.known) as Partial<PromptTimes>;
    try {
      this.isOurs = await this.write({ acceptedAt, ...others });
    } catch (error) {
      this.isWritten = false;
      throw error;
    }
  }
}
