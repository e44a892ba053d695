import type { Clock } from './clock.js';
import { TooManyError } from './errors.js';

interface AttemptLimiterOptions {
  /** Failed attempts until a key is locked. */
  maxAttempts: number;
  /** How long a lock holds, and how long a failure counts, from the last attempt on. */
  lockMs: number;
  clock: Clock;
  /** Keys remembered at most; the one tried longest ago is forgotten first. */
  maxKeys?: number;
}

interface Attempts {
  count: number;
  lastMs: number;
}

/**
 * Stops the guessing of passwords: counts attempts by key (a name, an address) and refuses after too many.
 * It counts within this process alone; several processes allow as many attempts each.
 */
export class AttemptLimiter {
  private readonly attempts = new Map<string, Attempts>();

  constructor(private readonly options: AttemptLimiterOptions) {}

  /** Counts an attempt before it is tried, so that many at once are not all let through; throws when locked. */
  begin(key: string): void {
    const { maxAttempts, lockMs, clock, maxKeys = 20_000 } = this.options;
    const nowMs = clock.monotonicMs();
    const before = this.attempts.get(key);
    const isFresh = before !== undefined && nowMs - before.lastMs < lockMs;
    if (isFresh && before.count >= maxAttempts) {
      const retryAfterSeconds = Math.max(1, Math.ceil((before.lastMs + lockMs - nowMs) / 1_000));
      throw new TooManyError(
        `Too many failed sign-ins; try again in ${Math.ceil(retryAfterSeconds / 60)} min.`,
        'TOO_MANY_ATTEMPTS',
        { retryAfterSeconds },
      );
    }
    this.attempts.delete(key);
    this.attempts.set(key, { count: isFresh ? before.count + 1 : 1, lastMs: nowMs });
    const oldest = this.attempts.keys().next();
    if (this.attempts.size > maxKeys && !oldest.done) this.attempts.delete(oldest.value);
  }

  /** The attempt was right: it does not count. Earlier failures still do, so that no one resets others' counts. */
  takeBack(key: string): void {
    const attempts = this.attempts.get(key);
    if (!attempts) return;
    attempts.count -= 1;
    if (attempts.count <= 0) this.attempts.delete(key);
  }

  /** The key proved to be right: all its failures are forgotten. */
  clear(key: string): void {
    this.attempts.delete(key);
  }
}
