import { Inject, Injectable } from '@nestjs/common';
import { Clock, killPoint, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { Database, InjectDatabase } from '../../database/index.js';
import { BLOB_STORE, type BlobStore, type WithdrawnBlob } from '../../storage/index.js';
import { BlobsRepository, type SweepCandidate } from './blobs.repository.js';

export interface SweepOptions {
  /** Blobs to remove at most. */
  limit: number;
  /** Age of the oldest event that another database still has for this one; our own outbox is looked at here. */
  relayLagMs: number;
  /** Ends the sweep between two blobs. */
  signal?: AbortSignal;
}

export interface SweepResult {
  removed: number;
  /** Of what was removed. */
  bytes: number;
  /** Taken into use, or finished by another sweep, between the look and the lock. */
  skipped: number;
  /** Left as `deleting`, for the next sweep. */
  failed: number;
  /** Why nothing was swept. */
  reason?: string;
}

const PAGE_SIZE = 1_000;
const MAX_CLOCK_DIFFERENCE_MS = 5 * 60_000;
const MINUTE_MS = 60_000;

/**
 * Removes bytes that nothing refers to and no pin holds (I19), in three steps that may each be repeated by any process:
 * the row becomes `deleting`, the file goes, the row goes.
 */
@Injectable()
export class BlobSweepService {
  /** Blobs whose removal ended in doubt: brought back, whether or not their row is there. */
  private readonly inDoubt = new Set<string>();

  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly blobs: BlobsRepository,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  /** One blob that cannot be removed does not stop the others. */
  async sweep({ limit, relayLagMs, signal }: SweepOptions): Promise<SweepResult> {
    const result: SweepResult = { removed: 0, bytes: 0, skipped: 0, failed: 0 };
    const reason = await this.findObstacle(relayLagMs);
    if (reason) return { ...result, reason };
    await this.settleDoubts();
    const now = this.clock.now();
    let trouble: { hash: string; err: unknown } | undefined;
    for await (const candidate of this.candidates(now)) {
      if (result.removed >= limit || signal?.aborted) break;
      try {
        if (await this.removeOne(candidate, now)) {
          result.removed += 1;
          result.bytes += candidate.sizeBytes;
        } else result.skipped += 1;
      } catch (err) {
        result.failed += 1;
        trouble ??= { hash: candidate.hash, err };
      }
    }
    if (trouble) {
      const { failed } = result;
      this.logger.error({ ...trouble, failed }, 'stored files could not be removed; the next sweep tries them again');
    }
    return result;
  }

  /** Bytes that were brought back may have no row any more: they get one that says that they go. */
  private async settleDoubts(): Promise<void> {
    const hashes = [...this.inDoubt];
    await this.blobs.insertDeleting(hashes, this.clock.now());
    for (const hash of hashes) this.inDoubt.delete(hash);
  }

  private async *candidates(now: Date): AsyncGenerator<SweepCandidate> {
    for (let after = ''; ;) {
      const page = await this.blobs.listSweepable(now, after, PAGE_SIZE);
      yield* page;
      if (page.length < PAGE_SIZE) return;
      after = page.at(-1)!.hash;
    }
  }

  private async removeOne({ hash, isDeleting }: SweepCandidate, now: Date): Promise<boolean> {
    if (!isDeleting) {
      const isMarked = await this.database.transaction((marking) => this.blobs.markDeleting(marking, hash, now));
      if (!isMarked) return false;
      killPoint('sweep.marked');
    }
    // The row stays locked while the file goes, though disks have no place in transactions: a sweep that is held up here
    // must not take bytes that were stored anew after another had finished its work. One that is held up for longer than
    // the server lets a lock live finds out when it commits, and brings back what it took.
    let withdrawn: WithdrawnBlob | undefined;
    try {
      await this.database.transaction(async (removal) => {
        if (!(await this.blobs.lockDeleting(removal, hash))) return;
        // A transaction that is tried again finds the file taken already.
        withdrawn ??= await this.store.withdraw(hash);
        killPoint('sweep.withdrawn');
        await this.blobs.drop(removal, hash);
      });
    } catch (error) {
      await withdrawn?.restore();
      // The row may be gone all the same: the answer to the commit was lost.
      if (withdrawn) this.inDoubt.add(hash);
      throw error;
    }
    await withdrawn?.discard();
    return withdrawn !== undefined;
  }

  /** What makes pins worthless: events that took longer than a pin lasts (I19), or clocks that disagree (I9). */
  private async findObstacle(theirLagMs: number): Promise<string | undefined> {
    // Parked events wait for a person and hold up their own task alone.
    const [row] = await this.database.rows<{ now: Date; lag_us: string | null }>(
      `SELECT UTC_TIMESTAMP(3) AS now, TIMESTAMPDIFF(MICROSECOND, (SELECT created_at FROM outbox
         WHERE published_at IS NULL AND parked_at IS NULL ORDER BY id LIMIT 1), CURRENT_TIMESTAMP(3)) AS lag_us`,
    );
    const differenceMs = Math.abs(this.clock.now().getTime() - row!.now.getTime());
    if (differenceMs >= MAX_CLOCK_DIFFERENCE_MS) {
      return `The clocks of the application and of the database differ by ${inMinutes(differenceMs)} minutes.`;
    }
    const lagMs = Math.max(theirLagMs, Number(row!.lag_us ?? 0) / 1_000);
    const { pinMinutes, keepUnreferencedHours } = this.settings.storage;
    const shortestPinMs = Math.min(pinMinutes, keepUnreferencedHours * 60) * MINUTE_MS;
    if (lagMs <= shortestPinMs) return undefined;
    return `The relay is ${inMinutes(lagMs)} minutes behind, more than a file is kept for it.`;
  }
}

function inMinutes(durationMs: number): number {
  return Math.round(durationMs / MINUTE_MS);
}
