import { Inject, Injectable } from '@nestjs/common';
import { Batcher, Clock } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Database, InjectDatabase, togetherOrAlone, type Executor, type Tries } from '../../database/index.js';

/** One life of a blob: after a sweep the same hash may be pinned anew, with bytes still to come. */
export interface PinnedBlob {
  hash: string;
  createdAt: Date;
}

/** A blob whose pin is over, or whose deletion was begun. */
export interface SweepCandidate {
  hash: string;
  sizeBytes: number;
  isDeleting: boolean;
}

const HOUR_MS = 3_600_000;

/** Every place in this database that names bytes by their hash. */
const IS_REFERENCED = `(EXISTS (SELECT 1 FROM global_files f WHERE f.file_hash = b.hash)
  OR EXISTS (SELECT 1 FROM global_task_results r WHERE r.file_hash = b.hash)
  OR EXISTS (SELECT 1 FROM global_task_parameters p WHERE p.file_hash = b.hash)
  OR EXISTS (SELECT 1 FROM blob_renditions v WHERE v.file_hash = b.hash))`;

interface Pin {
  hash: string;
  sizeBytes: number;
  mimeType: string;
  until: Date;
}

/** What comes at about the same time shares one statement and one flush of the disk. */
const TOGETHER = { most: 50, lanes: 2 };

/** Which bytes our storage holds, and until when they may not be swept although nothing refers to them yet (I19). */
@Injectable()
export class BlobsRepository {
  private readonly pins = new Batcher<Pin, PinnedBlob | undefined>({
    ...TOGETHER,
    work: (pins) => togetherOrAlone(pins, (those, how) => this.pinAll(those, how)),
  });
  private readonly stored = new Batcher<PinnedBlob & { now: Date }, void>({
    ...TOGETHER,
    work: (blobs) => togetherOrAlone(blobs, (those, how) => this.markAllStored(those, how)),
  });

  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Before the bytes are looked for or written. Undefined while the sweep is deleting them: try again shortly. */
  pin(blob: { hash: string; sizeBytes: number; mimeType: string }, until: Date): Promise<PinnedBlob | undefined> {
    return this.pins.do({ ...blob, until });
  }

  /** Changes nothing where the blob was swept since it was pinned: what was stored then went with it. */
  markStored(pinned: PinnedBlob, now: Date): Promise<void> {
    return this.stored.do({ ...pinned, now });
  }

  /** Holds the rows until the settle commits; false where one is not active any more, or has no bytes (yet). */
  async lockActive(transaction: Executor, hashes: string[]): Promise<boolean> {
    const active = await this.lockThoseActive(transaction, hashes);
    return hashes.every((hash) => active.has(hash));
  }

  /** The same for many settles at once: which of them are. */
  async lockThoseActive(transaction: Executor, hashes: string[]): Promise<Set<string>> {
    const wanted = [...new Set(hashes)].sort();
    if (wanted.length === 0) return new Set();
    const rows = await transaction.rows<{ hash: string }>(
      `SELECT hash FROM blobs WHERE hash IN (?) AND state = 'active' AND stored_at IS NOT NULL ORDER BY hash FOR UPDATE`,
      [wanted],
    );
    return new Set(rows.map(({ hash }) => hash));
  }

  /**
   * For whoever removes references, in the same transaction: readers of other databases see the old ones until the
   * relay has carried the change, so the bytes stay for a while after the last one went.
   */
  async release(transaction: Executor, hashes: string[]): Promise<void> {
    if (hashes.length === 0) return;
    const until = new Date(this.clock.now().getTime() + this.settings.storage.keepUnreferencedHours * HOUR_MS);
    await transaction.run('UPDATE blobs SET pinned_until = GREATEST(pinned_until, ?) WHERE hash IN (?)', [
      until,
      [...new Set(hashes)].sort(),
    ]);
  }

  /** By hash, from `after` on; a look without locks, so that each is checked again before anything happens to it. */
  async listSweepable(now: Date, after: string, limit: number): Promise<SweepCandidate[]> {
    const rows = await this.database.rows<{ hash: string; size_bytes: string; state: string }>(
      `SELECT b.hash, b.size_bytes, b.state FROM blobs b
       WHERE b.hash > ? AND (b.state = 'deleting' OR (b.pinned_until <= ? AND NOT ${IS_REFERENCED}))
       ORDER BY b.hash LIMIT ${limit}`,
      [after, now],
    );
    return rows.map((row) => ({
      hash: row.hash,
      sizeBytes: Number(row.size_bytes),
      isDeleting: row.state === 'deleting',
    }));
  }

  /** `active` → `deleting`; false where something refers to it, a pin holds it, or another sweep was first. */
  async markDeleting(transaction: Executor, hash: string, now: Date): Promise<boolean> {
    // The lock first, then the references in a statement of their own: a settle that held the row has committed by
    // then, and its reference is seen, which a snapshot taken before the wait need not show.
    await transaction.rows('SELECT hash FROM blobs WHERE hash = ? FOR UPDATE', [hash]);
    const referenced = await transaction.rows(`SELECT b.hash FROM blobs b WHERE b.hash = ? AND ${IS_REFERENCED}`, [
      hash,
    ]);
    if (referenced.length > 0) return false;
    const marked = await transaction.run(
      `UPDATE blobs SET state = 'deleting' WHERE hash = ? AND state = 'active' AND pinned_until <= ?`,
      [hash, now],
    );
    return marked === 1;
  }

  /** For bytes that may have lost their row: the sweep then finds them. A row that is there stays as it is. */
  async insertDeleting(hashes: string[], now: Date): Promise<void> {
    if (hashes.length === 0) return;
    await this.database.run('INSERT IGNORE INTO blobs (hash, size_bytes, mime_type, state, pinned_until) VALUES ?', [
      hashes.map((hash) => [hash, 0, 'application/octet-stream', 'deleting', now]),
    ]);
  }

  /** Holds a row that is being deleted; false where another sweep has finished it. */
  async lockDeleting(transaction: Executor, hash: string): Promise<boolean> {
    const rows = await transaction.rows(`SELECT hash FROM blobs WHERE hash = ? AND state = 'deleting' FOR UPDATE`, [
      hash,
    ]);
    return rows.length === 1;
  }

  /** With what was made from it: those bytes are free from now on, and go with a later sweep. */
  async drop(transaction: Executor, hash: string): Promise<void> {
    await transaction.run('DELETE FROM blob_renditions WHERE source_hash = ?', [hash]);
    await transaction.run(`DELETE FROM blobs WHERE hash = ? AND state = 'deleting'`, [hash]);
  }

  private async pinAll(pins: Pin[], how: Tries): Promise<(PinnedBlob | undefined)[]> {
    // In one order: two that pin the same blobs wait for each other, never in a circle.
    const inOrder = pins.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
    await this.database.run(
      `INSERT INTO blobs (hash, size_bytes, mime_type, state, pinned_until) VALUES ?
       ON DUPLICATE KEY UPDATE pinned_until = IF(state = 'active', GREATEST(pinned_until, VALUES(pinned_until)), pinned_until)`,
      [inOrder.map(({ hash, sizeBytes, mimeType, until }) => [hash, sizeBytes, mimeType, 'active', until])],
      how,
    );
    // The pins themselves are looked for: a row may be another's, made anew after ours met one that was being deleted.
    const rows = await this.database.rows<{ hash: string; created_at: Date; pinned_until: Date }>(
      `SELECT hash, created_at, pinned_until FROM blobs WHERE hash IN (?) AND state = 'active'`,
      [pins.map(({ hash }) => hash)],
    );
    const active = new Map(rows.map((row) => [row.hash, row]));
    return pins.map(({ hash, until }) => {
      const row = active.get(hash);
      const isPinned = row !== undefined && row.pinned_until >= until;
      return isPinned ? { hash, createdAt: row.created_at } : undefined;
    });
  }

  private async markAllStored(blobs: (PinnedBlob & { now: Date })[], how: Tries): Promise<void[]> {
    const inOrder = blobs.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
    await this.database.run(
      `UPDATE blobs SET stored_at = COALESCE(stored_at, ?)
       WHERE state = 'active' AND (${inOrder.map(() => '(hash = ? AND created_at = ?)').join(' OR ')})`,
      [inOrder[0]!.now, ...inOrder.flatMap(({ hash, createdAt }) => [hash, createdAt])],
      how,
    );
    return blobs.map(() => undefined);
  }
}
