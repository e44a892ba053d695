import { isIPv6 } from 'node:net';
import type { Clock } from './clock.js';
import { TooManyError } from './errors.js';

interface Window {
  hits: number;
  endsMs: number;
}

/** Keys remembered at most; the one whose window began first is forgotten first. */
const MAX_KEYS = 50_000;

/**
 * Counts requests by key (a user, an address) in windows of fixed length and refuses what is too much. It counts
 * within this process alone: several processes allow as many each. One number a key and no timers, since a flood
 * must cost next to nothing.
 */
export class RateWindows {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly clock: Clock,
    private readonly windowMs: number,
  ) {}

  /** Counts one more; throws 429 where it is more than `limit`, with the seconds until the window ends. */
  count(key: string, limit: number): void {
    const nowMs = this.clock.monotonicMs();
    const window = this.openWindow(key, nowMs);
    window.hits += 1;
    if (window.hits <= limit) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((window.endsMs - nowMs) / 1_000));
    const span = this.windowMs === 60_000 ? 'a minute' : `in ${Math.round(this.windowMs / 60_000)} minutes`;
    const message = `Too many requests: ${limit} ${span} are allowed. Go on in ${retryAfterSeconds} s.`;
    throw new TooManyError(message, 'RATE_LIMITED', { retryAfterSeconds });
  }

  private openWindow(key: string, nowMs: number): Window {
    const known = this.windows.get(key);
    if (known && known.endsMs > nowMs) return known;
    const window = { hits: 0, endsMs: nowMs + this.windowMs };
    this.windows.delete(key);
    this.windows.set(key, window);
    const oldest = this.windows.keys().next();
    if (this.windows.size > MAX_KEYS && !oldest.done) this.windows.delete(oldest.value);
    return window;
  }
}

/** What an address counts as: itself, or with IPv6 its /64, of which one household has all. */
export function networkOf(address: string): string {
  const plain = address.split('%', 1)[0]!;
  if (!isIPv6(plain) || plain.includes('.')) return plain.replace(/^::ffff:/i, '');
  const [head = '', tail] = plain.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}
