import { randomUUID } from 'node:crypto';
import { BackgroundLoop, type Clock, type Logger } from '../common/index.js';
import type { Executor } from './database.js';

/** A held lease: `token` grows at each change of owner and is written on what the owner works on (fencing, I8). */
export interface Lease {
  name: string;
  token: number;
}

interface LeaseRow {
  name: string;
  owner: string | null;
  token: string;
  renewals: string;
}

interface Observation {
  token: string;
  renewals: string;
  sinceMs: number;
}

export interface LeaseKeeperOptions {
  database: Executor;
  clock: Clock;
  logger: Logger;
  /** A lease whose row stood still for so long may be taken over (I9). */
  ttlMs: number;
  renewMs: number;
}

/**
 * Takes, renews and gives back this process's leases: rows `(name, owner, token, renewals)`, changed by
 * compare-and-set alone. Takeover happens when a row stood still for `ttlMs` on our own monotonic clock: no two
 * wall clocks are compared. A lease that could not be renewed for `ttlMs` counts as lost here too.
 */
export class LeaseKeeper {
  /** Names this process in `leases.owner` and beside every token that it writes. */
  readonly ownerId = randomUUID();
  private readonly held = new Map<string, Lease>();
  private readonly seen = new Map<string, Observation>();
  private readonly lostListeners = new Map<string, () => void>();
  private readonly loop: BackgroundLoop;
  private renewedMs = 0;

  constructor(private readonly options: LeaseKeeperOptions) {
    const { logger, renewMs } = options;
    this.loop = new BackgroundLoop({ name: 'lease renewal', logger, sweepMs: renewMs, round: () => this.renewAll() });
  }

  start(): void {
    this.loop.start();
  }

  /** Stops renewing and gives everything back, so that others need not wait for the time-to-live. */
  async stop(): Promise<void> {
    await this.loop.stop();
    await Promise.all([...this.held.values()].map((lease) => this.release(lease)));
  }

  /** The lease, if it is free, stood still too long, or is ours already; otherwise undefined. */
  async tryAcquire(name: string, onLost?: () => void): Promise<Lease | undefined> {
    const ours = this.held.get(name);
    if (ours && this.isHeld(ours)) {
      if (onLost) this.lostListeners.set(name, onLost);
      return ours;
    }
    if (this.held.size === 0) this.renewedMs = this.options.clock.monotonicMs();
    const taken = await this.take(name);
    if (taken === undefined) return undefined;
    const lease = { name, token: taken };
    this.held.set(name, lease);
    this.seen.delete(name);
    if (onLost) this.lostListeners.set(name, onLost);
    return lease;
  }

  isHeld(lease: Lease): boolean {
    return this.held.get(lease.name)?.token === lease.token && !this.isExpired();
  }

  /** Who holds these leases by their rows; one whose process was killed still does until another takes it over. */
  async ownersOf(names: string[]): Promise<Map<string, string>> {
    const rows = await this.options.database.rows<{ name: string; owner: string }>(
      'SELECT name, owner FROM leases WHERE name IN (?) AND owner IS NOT NULL',
      [names],
    );
    return new Map(rows.map(({ name, owner }) => [name, owner]));
  }

  async release(lease: Lease): Promise<void> {
    if (this.held.get(lease.name)?.token !== lease.token) return;
    this.forget(lease.name);
    try {
      await this.options.database.run(
        'UPDATE leases SET owner = NULL, renewals = renewals + 1 WHERE name = ? AND owner = ? AND token = ?',
        [lease.name, this.ownerId, lease.token],
      );
    } catch (error) {
      // Giving back only saves the others the wait for the time-to-live; a stop does not hang on it.
      this.options.logger.warn({ lease: lease.name, reason: (error as Error).message }, 'lease not given back');
    }
  }

  private async take(name: string): Promise<number | undefined> {
    const { database } = this.options;
    const [row] = await database.rows<LeaseRow>('SELECT name, owner, token, renewals FROM leases WHERE name = ?', [
      name,
    ]);
    if (!row) {
      const made = await database.run('INSERT IGNORE INTO leases (name, owner, token, renewals) VALUES (?, ?, 1, 0)', [
        name,
        this.ownerId,
      ]);
      return made === 1 ? 1 : undefined;
    }
    const free = row.owner === null || row.owner === this.ownerId;
    if (!free && !this.stoodStill(row)) return undefined;
    const changed = await database.run(
      'UPDATE leases SET owner = ?, token = token + 1, renewals = 0 WHERE name = ? AND token = ? AND renewals = ?',
      [this.ownerId, name, row.token, row.renewals],
    );
    return changed === 1 ? Number(row.token) + 1 : undefined;
  }

  private stoodStill({ name, token, renewals }: LeaseRow): boolean {
    const nowMs = this.options.clock.monotonicMs();
    const before = this.seen.get(name);
    if (before?.token !== token || before.renewals !== renewals) {
      this.seen.set(name, { token, renewals, sinceMs: nowMs });
      return false;
    }
    return nowMs - before.sinceMs >= this.options.ttlMs;
  }

  /** One statement for all leases of this process; whoever is not among the rows afterwards was taken over. */
  private async renewAll(): Promise<void> {
    const { database, clock, logger } = this.options;
    if (this.isExpired()) this.loseAll();
    const expected = [...this.held.values()];
    if (expected.length > 0) {
      const startedMs = clock.monotonicMs();
      await database.run('UPDATE leases SET renewals = renewals + 1 WHERE owner = ? AND name IN (?)', [
        this.ownerId,
        expected.map(({ name }) => name),
      ]);
      const rows = await database.rows<LeaseRow>('SELECT name, token FROM leases WHERE owner = ?', [this.ownerId]);
      const still = new Map(rows.map((row) => [row.name, Number(row.token)]));
      for (const lease of expected) {
        // Given back or taken anew meanwhile: not this lease's matter any more.
        if (still.get(lease.name) === lease.token || this.held.get(lease.name) !== lease) continue;
        logger.warn({ lease: lease.name, token: lease.token }, 'lease lost to another process');
        this.lose(lease.name);
      }
      this.renewedMs = startedMs;
    } else {
      this.renewedMs = clock.monotonicMs();
    }
  }

  private isExpired(): boolean {
    return this.options.clock.monotonicMs() - this.renewedMs > this.options.ttlMs;
  }

  private loseAll(): void {
    if (this.held.size === 0) return;
    const names = [...this.held.keys()];
    this.options.logger.warn({ leases: names }, 'leases lost: not renewed within their time to live');
    for (const name of [...this.held.keys()]) this.lose(name);
  }

  private lose(name: string): void {
    const listener = this.lostListeners.get(name);
    this.forget(name);
    listener?.();
  }

  private forget(name: string): void {
    this.held.delete(name);
    this.lostListeners.delete(name);
  }
}
