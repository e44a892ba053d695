import { foldName, type Clock } from '../../common/index.js';

/** Names remembered at most; the one tried longest ago is forgotten first. */
const MOST_NAMES = 20_000;

interface Attempts {
  count: number;
  lockedUntil: Date | undefined;
}

/**
 * Attempts at names that nobody has, counted as AdminUsersRepository.beginAttempt counts those at accounts, so that no
 * answer tells which names exist. Each process counts for itself.
 */
export class UnknownNames {
  private readonly attempts = new Map<string, Attempts>();

  constructor(
    private readonly maxAttempts: number,
    private readonly lockMs: number,
    private readonly clock: Clock,
  ) {}

  /** Until when the name is locked; undefined where it is not, and this attempt counts. */
  count(username: string): Date | undefined {
    const name = foldName(username);
    const now = this.clock.now();
    const known = this.attempts.get(name);
    if (known?.lockedUntil && known.lockedUntil > now) return known.lockedUntil;
    const count = known && !known.lockedUntil ? known.count + 1 : 1;
    const lockedUntil = count >= this.maxAttempts ? new Date(now.getTime() + this.lockMs) : undefined;
    this.attempts.delete(name);
    this.attempts.set(name, { count, lockedUntil });
    const oldest = this.attempts.keys().next();
    if (this.attempts.size > MOST_NAMES && !oldest.done) this.attempts.delete(oldest.value);
    return undefined;
  }
}
