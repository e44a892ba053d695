import type { Clock } from './clock.js';
import { TooManyError } from './errors.js';

interface AttemptLimiterOptions {
  /** Failed attempts until a key is locked. */
  maxAttempts: number;
  /** How long a lock holds, and how long a failure counts, from the last failure on. */
  lockMs: number;
  clock: Clock;
  /** False where many share a key (an address): one who is right does not clear what others did wrong. */
  isForgiving: boolean;
  /** Keys remembered at most; the one tried longest ago is forgotten first. */
  maxKeys?: number;
}

interface Attempts {
  failures: number;
  lastFailureMs: number;
  underWay: number;
}

/** Attempts of one key under way at once: people who sign in many times at once are right, and guessers are bounded. */
const MAX_UNDER_WAY = 50;

/**
 * Stops the guessing of passwords: counts failures by key (a name, an address) and refuses after too many.
 * It counts within this process alone; several processes allow as many attempts each.
 */
export class AttemptLimiter {
  private readonly attempts = new Map<string, Attempts>();

  constructor(private readonly options: AttemptLimiterOptions) {}

  /** Runs an attempt unless its key is locked; `isRight` says how it ended, a throw counts as neither. */
  async attempt<T>(key: string, work: () => Promise<T>, isRight: (result: T) => boolean): Promise<T> {
    const attempts = this.begin(key);
    try {
      const result = await work();
      this.note(attempts, isRight(result));
      return result;
    } finally {
      attempts.underWay -= 1;
      if (attempts.underWay === 0 && attempts.failures === 0) this.attempts.delete(key);
    }
  }

  private note(attempts: Attempts, isRight: boolean): void {
    if (isRight) {
      if (this.options.isForgiving) attempts.failures = 0;
      return;
    }
    attempts.failures += 1;
    attempts.lastFailureMs = this.options.clock.monotonicMs();
  }

  private begin(key: string): Attempts {
    const { maxAttempts, lockMs, clock, maxKeys = 20_000 } = this.options;
    const nowMs = clock.monotonicMs();
    const attempts = this.attempts.get(key) ?? { failures: 0, lastFailureMs: nowMs, underWay: 0 };
    if (nowMs - attempts.lastFailureMs >= lockMs) attempts.failures = 0;
    if (attempts.failures >= maxAttempts) throw locked(attempts.lastFailureMs + lockMs - nowMs);
    if (attempts.underWay >= MAX_UNDER_WAY) throw busy();
    attempts.underWay += 1;
    this.attempts.delete(key);
    this.attempts.set(key, attempts);
    const oldest = this.attempts.keys().next();
    if (this.attempts.size > maxKeys && !oldest.done) this.attempts.delete(oldest.value);
    return attempts;
  }
}

function busy(): TooManyError {
  const message = 'Too many sign-ins at once; try again in a second.';
  return new TooManyError(message, 'TOO_MANY_ATTEMPTS', { retryAfterSeconds: 1 });
}

function locked(forMs: number): TooManyError {
  const retryAfterSeconds = Math.max(1, Math.ceil(forMs / 1_000));
  return new TooManyError(
    `Too many failed sign-ins; try again in ${Math.ceil(retryAfterSeconds / 60)} min.`,
    'TOO_MANY_ATTEMPTS',
    { retryAfterSeconds },
  );
}
