import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { AdaptiveLimiter } from './adaptive-limiter.js';
import { readApiSite } from './target-address.js';

/** Limiters remembered; above it, those that nobody uses are forgotten, the ones unused longest first. */
const MAX_LIMITERS = 1_000;

/** One limiter for each (base URL, key), shared by all tasks of this process. Keys are remembered as hashes alone. */
@Injectable()
export class LimiterRegistry {
  private readonly limiters = new Map<string, AdaptiveLimiter>();

  constructor(private readonly clock: Clock) {}

  /** `ceiling`: how many requests at once this caller wants at most; the largest of a key's callers counts. */
  of(apiSite: string, apiKey: string, ceiling: number): AdaptiveLimiter {
    // However the address is written; what may be connected to is not the limiter's to say.
    const { baseUrl } = readApiSite(apiSite, true);
    const key = createHash('sha256').update(`${baseUrl}\n${apiKey.trim()}`).digest('hex');
    const limiter = this.limiters.get(key) ?? new AdaptiveLimiter(ceiling, this.clock);
    limiter.raiseCeiling(ceiling);
    this.limiters.delete(key);
    this.limiters.set(key, limiter);
    this.forgetIdle();
    return limiter;
  }

  private forgetIdle(): void {
    const newest = [...this.limiters.keys()].at(-1);
    for (const [key, { isIdle }] of this.limiters) {
      if (this.limiters.size <= MAX_LIMITERS) return;
      if (isIdle && key !== newest) this.limiters.delete(key);
    }
  }
}
