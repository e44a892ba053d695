import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { Clock } from '../../common/index.js';
import { MigrationLockedError, MigrationLockLostError } from './migration-errors.js';

export interface LockTiming {
  /** A lock whose row stood still for so long on our own clock is taken over. */
  ttlMs: number;
  renewMs: number;
  /** How long to wait for a holder that is alive; must exceed `ttlMs`, or a dead one is never found out. */
  waitMs: number;
}

export const LOCK_TIMING: LockTiming = { ttlMs: 10_000, renewMs: 3_000, waitMs: 30_000 };

const POLL_MS = 100;

const TABLE = `CREATE TABLE IF NOT EXISTS schema_migration_lock (
  id tinyint NOT NULL,
  owner char(36),
  renewals bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`;

interface LockRow extends RowDataPacket {
  owner: string | null;
  renewals: number;
}

/**
 * One run a database: a row in the migrated database itself, changed by compare-and-set. It is renewed over a
 * connection of its own, because the other one may stand in a long statement.
 */
export class MigrationLock {
  private readonly owner = randomUUID();
  private isLost = false;
  private renewal: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly clock: Clock,
    private readonly timing: LockTiming = LOCK_TIMING,
  ) {}

  async acquire(): Promise<void> {
    await this.connection.query(TABLE);
    await this.connection.query('INSERT IGNORE INTO schema_migration_lock (id) VALUES (1)');
    const startedMs = this.clock.monotonicMs();
    let seen = await this.look();
    let stoodStillSinceMs = startedMs;
    while (!(await this.take(seen, stoodStillSinceMs))) {
      const waitedMs = this.clock.monotonicMs() - startedMs;
      if (waitedMs > this.timing.waitMs) throw new MigrationLockedError(seen.owner ?? 'unknown', waitedMs);
      await pause(POLL_MS);
      const now = await this.look();
      if (now.owner !== seen.owner || now.renewals !== seen.renewals) stoodStillSinceMs = this.clock.monotonicMs();
      seen = now;
    }
    this.renewal = setInterval(() => void this.renew(), this.timing.renewMs);
  }

  /** To be asked before each statement: whoever lost the lock must not go on. */
  async confirm(): Promise<void> {
    await this.renew();
    if (this.isLost) throw new MigrationLockLostError();
  }

  async release(): Promise<void> {
    clearInterval(this.renewal);
    await this.connection.query(
      'UPDATE schema_migration_lock SET owner = NULL, renewals = renewals + 1 WHERE owner = ?',
      [this.owner],
    );
  }

  private async look(): Promise<LockRow> {
    const [rows] = await this.connection.query<LockRow[]>('SELECT owner, renewals FROM schema_migration_lock');
    return rows[0]!;
  }

  private async take(seen: LockRow, stoodStillSinceMs: number): Promise<boolean> {
    const isDead = this.clock.monotonicMs() - stoodStillSinceMs > this.timing.ttlMs;
    if (seen.owner !== null && !isDead) return false;
    return this.change('UPDATE schema_migration_lock SET owner = ?, renewals = renewals + 1 WHERE renewals = ?', [
      this.owner,
      seen.renewals,
    ]);
  }

  private async renew(): Promise<void> {
    try {
      const held = await this.change('UPDATE schema_migration_lock SET renewals = renewals + 1 WHERE owner = ?', [
        this.owner,
      ]);
      this.isLost ||= !held;
    } catch {
      // Cannot be told from a takeover, so it counts as one; the next statement is not run.
      this.isLost = true;
    }
    if (this.isLost) clearInterval(this.renewal);
  }

  private async change(sql: string, values: unknown[]): Promise<boolean> {
    const [result] = await this.connection.query<ResultSetHeader>(sql, values);
    return result.affectedRows === 1;
  }
}
