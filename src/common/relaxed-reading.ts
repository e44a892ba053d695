import type { Clock } from './clock.js';

/** A reading that took longer than this is not waited for while the one before is not much too old. */
const WORTH_WAITING_MS = 200;
/** So many times as old as a fresh one it is too old to be told. */
const TOO_OLD = 3;
/** At most a twentieth of the time is spent on one reading. */
const SHARE = 20;

/**
 * Something that is asked for more often than it should be read: read anew at most every `leastMs`, and the less
 * often the longer it takes, so that it stays cheap however much there is to read.
 */
export class RelaxedReading<T> {
  private value: { is: T; atMs: number; tookMs: number } | undefined;
  private reading: Promise<T> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly leastMs: number,
    private readonly read: () => Promise<T>,
  ) {}

  async get(): Promise<T> {
    const { value } = this;
    if (!value) return this.refresh();
    const ageMs = this.clock.monotonicMs() - value.atMs;
    const freshMs = Math.max(this.leastMs, SHARE * value.tookMs);
    if (ageMs < freshMs) return value.is;
    const reading = this.refresh();
    if (value.tookMs < WORTH_WAITING_MS || ageMs > TOO_OLD * freshMs) return reading;
    // Whoever asks next gets the new value, or waits for another and hears of its failure.
    reading.catch(() => (this.value = undefined));
    return value.is;
  }

  private refresh(): Promise<T> {
    this.reading ??= this.readNow().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readNow(): Promise<T> {
    const startedMs = this.clock.monotonicMs();
    const is = await this.read();
    const atMs = this.clock.monotonicMs();
    this.value = { is, atMs, tookMs: atMs - startedMs };
    return is;
  }
}
