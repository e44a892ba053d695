import { Inject, Injectable, Optional } from '@nestjs/common';
import { Clock, RelaxedReading } from '../../common/index.js';
import { StoredFilesRepository, type DayOfFiles } from '../../shared/index.js';
import { BLOB_STORE, type BlobStore } from '../../storage/index.js';
import { CLIENT_ACCOUNTS, type ClientAccounts } from '../users/client-accounts.js';
import type { StorageView } from './file.view.js';
import { KINDS } from './files.dto.js';

/** Sums over all rows: seconds at a million of them, so nobody makes them again for the next who looks. */
const HOLDS_MS = 60_000;
const TOP_USERS = 20;
const GROWTH_DAYS = 30;
const DAY_MS = 86_400_000;

type Sums = Omit<StorageView, 'disk'>;

/** How full the storage is, of what, and how fast that grows. */
@Injectable()
export class StorageUseService {
  private readonly sums: RelaxedReading<Sums>;

  constructor(
    private readonly files: StoredFilesRepository,
    private readonly clock: Clock,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Optional() @Inject(CLIENT_ACCOUNTS) private readonly accounts?: ClientAccounts,
  ) {
    this.sums = new RelaxedReading(clock, HOLDS_MS, () => this.measure());
  }

  async get(): Promise<StorageView> {
    const [sums, { totalBytes, freeBytes }] = await Promise.all([this.sums.get(), this.store.measureSpace()]);
    return { ...sums, disk: { total_bytes: totalBytes, free_bytes: freeBytes } };
  }

  private async measure(): Promise<Sums> {
    const now = this.clock.now();
    const [days, users, blobs] = await Promise.all([
      this.files.sumByDay(),
      this.files.sumByUser(TOP_USERS),
      this.files.sumBlobs(),
    ]);
    const names = (await this.accounts?.listNames(users.map(({ userId }) => userId))) ?? new Map<string, string>();
    const since = new Date(now.getTime() - GROWTH_DAYS * DAY_MS).toISOString().slice(0, 10);
    return {
      kinds: KINDS.map((kind) => ({ kind, ...sumOf(days.filter((day) => day.kind === kind)) })),
      top_users: users.map(({ userId, files, bytes }) => ({
        client_id: userId,
        username: names.get(userId) ?? null,
        files,
        bytes,
      })),
      stored: {
        blobs: blobs.blobs,
        bytes: blobs.bytes,
        unreferenced: blobs.unreferenced,
        unreferenced_bytes: blobs.unreferencedBytes,
      },
      growth: days.filter(({ day }) => day > since),
      measured_at: now.toISOString(),
    };
  }
}

function sumOf(days: DayOfFiles[]): { files: number; bytes: number } {
  return {
    files: days.reduce((sum, { files }) => sum + files, 0),
    bytes: days.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
