import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Clock } from '../../../src/common/index.js';
import { BlobsRepository } from '../../../src/shared/index.js';
import { BlobBench, replacing } from './blob-bench.js';

const WRITERS = 4;
const REMOVERS = 2;
const SWEEPERS = 2;
const SETTLES_A_WRITER = 60;
const CONTENTS = 4;

const upTo = (limit: number) => Math.floor(Math.random() * limit);
const fails = (chance: number) => Math.random() < chance;

describe('harvests, removals and sweeps of the same few blobs at once (real: MariaDB, disk)', () => {
  let bench: BlobBench;
  /** Bytes that lost their last reference are kept for 2 ms. */
  let blobs: BlobsRepository;
  let writing = 0;
  const seen = { settled: 0, withoutBytes: 0, refused: 0, removed: 0, crashed: 0 };

  beforeAll(async () => {
    bench = await BlobBench.open();
    const { settings } = bench.server;
    const storage = { ...settings.storage, keepUnreferencedHours: 2 / 3_600_000 };
    blobs = new BlobsRepository(bench.database, { ...settings, storage }, new Clock());
  });
  afterAll(() => bench.close());

  /** As a harvest and its settle do it, with pins that may be over before the settle; then all is done again. */
  async function write(text: string): Promise<void> {
    const { hash, sizeBytes, commit, discard } = await bench.store.receive(Readable.from([Buffer.from(text)]));
    const until = new Date(Date.now() + upTo(30));
    const pinned = await blobs.pin({ hash, sizeBytes, mimeType: 'text/plain' }, until);
    if (!pinned) {
      seen.refused += 1;
      await discard();
      return write(text);
    }
    await commit();
    await blobs.markStored(pinned, new Date());
    const isSettled = await bench.database.transaction(async (transaction) => {
      if (!(await blobs.lockActive(transaction, [hash]))) return false;
      await bench.refer(transaction, [hash]);
      if (!(await bench.store.has(hash))) seen.withoutBytes += 1;
      return true;
    });
    if (isSettled) seen.settled += 1;
    else {
      seen.refused += 1;
      return write(text);
    }
  }

  async function writeAll(): Promise<void> {
    for (let round = 0; round < SETTLES_A_WRITER; round += 1) await write(`content ${upTo(CONTENTS)}`);
    writing -= 1;
  }

  async function removeReferences(): Promise<void> {
    while (writing > 0) {
      await bench.database.transaction(async (transaction) => {
        const files = await transaction.rows<{ id: string; file_hash: string }>(
          `SELECT id, file_hash FROM global_files ORDER BY id LIMIT ${1 + upTo(6)}`,
        );
        if (files.length === 0) return;
        await blobs.release(
          transaction,
          files.map(({ file_hash: hash }) => hash),
        );
        await transaction.run('DELETE FROM global_files WHERE id IN (?)', [files.map(({ id }) => id)]);
      });
      await setImmediate();
    }
  }

  /** Every sixth deletion is cut off at each of its steps. */
  async function sweepAllTheTime(): Promise<void> {
    const dies = () => Promise.reject(new Error('killed'));
    const sweeper = bench.sweeper({
      clock: new Clock(),
      blobs: replacing(blobs, {
        lockDeleting: (...given) => (fails(1 / 6) ? dies() : blobs.lockDeleting(...given)),
        drop: (...given) => (fails(1 / 6) ? dies() : blobs.drop(...given)),
      }),
    });
    while (writing > 0) {
      const { removed, failed } = await sweeper.sweep({ limit: 2, relayLagMs: 0 });
      seen.removed += removed;
      seen.crashed += failed;
    }
  }

  const storedFiles = async () => {
    const folder = join(bench.server.settings.storage.directory, 'blobs');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };

  it('I19 settles nothing without its bytes, and leaves no file without a row', async () => {
    writing = WRITERS;
    const times = (count: number, work: () => Promise<void>) => Array.from({ length: count }, work);
    await Promise.all([
      ...times(WRITERS, writeAll),
      ...times(REMOVERS, removeReferences),
      ...times(SWEEPERS, sweepAllTheTime),
    ]);

    expect(seen).toMatchObject({ settled: WRITERS * SETTLES_A_WRITER, withoutBytes: 0 });
    for (const count of [seen.removed, seen.refused, seen.crashed]) expect(count).toBeGreaterThan(0);
    const referenced = await bench.database.rows<{ hash: string }>(
      'SELECT DISTINCT file_hash AS hash FROM global_files',
    );
    for (const { hash } of referenced) expect(await bench.stateOf(hash)).toBe('active, bytes');
    const rows = await bench.database.rows<{ hash: string }>('SELECT hash FROM blobs');
    expect(rows.map(({ hash }) => hash)).toEqual(expect.arrayContaining(await storedFiles()));
  });
});
