import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { BlobsRepository, TaskWishesService, type HarvestedFile } from '../../../src/shared/index.js';
import { ResultsRepository } from '../../../src/shared/files/results.repository.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { TestClock } from '../../support/test-clock.js';
import { BlobBench, replacing } from './blob-bench.js';

const HOUR_MS = 3_600_000;
const ALL = { limit: 1_000, relayLagMs: 0 };
const NOTHING = { removed: 0, bytes: 0, skipped: 0, failed: 0 };

const soon = () => new Date(Date.now() + HOUR_MS);
const past = () => new Date(Date.now() - 1);

describe('blobs and their sweep (real: MariaDB, disk; harvests and settles as their statements)', () => {
  let bench: BlobBench;

  beforeAll(async () => {
    bench = await BlobBench.open();
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.empty());
  afterEach(() => bench.openGates());

  const keep = (text: string, until = past()) => bench.keep(text, until);

  function makeFile(hash: string): HarvestedFile {
    const shape = { mimeType: 'text/plain', type: 'text' as const, width: null, height: null, durationSeconds: null };
    return { hash, sizeBytes: 1, fileName: 'x.txt', origin: {}, ...shape };
  }

  async function queueTask(): Promise<{ taskRowId: string; taskId: string }> {
    const { taskId } = makeTaskWish();
    await bench.app.get(TaskWishesService).apply([makeTaskWish({ taskId })]);
    await bench.database.run('DELETE FROM outbox');
    const [row] = await bench.database.rows<{ id: string }>('SELECT id FROM global_tasks WHERE task_id = ?', [taskId]);
    return { taskRowId: row!.id, taskId };
  }

  async function replaceResults(task: { taskRowId: string; taskId: string }, runNo: number, hashes: string[]) {
    const owner = { ...task, runNo, sourceType: 'client' as const, sourceUserId: 'user-1' };
    const results = bench.app.get(ResultsRepository, { strict: false });
    await bench.database.transaction((transaction) =>
      results.replaceAll(transaction, [{ owner, files: hashes.map(makeFile) }]),
    );
  }

  it('I19 removes what nothing refers to and no pin holds, and that alone', async () => {
    const [free, pinned, referred, result] = [
      await keep('free'),
      await keep('pinned', soon()),
      await keep('referred'),
      await keep('result'),
    ];
    await bench.refer(bench.database, [referred]);
    await replaceResults(await queueTask(), 1, [result]);
    await bench.database.run('DELETE FROM global_files WHERE file_hash = ?', [result]);

    expect(await bench.sweeper().sweep(ALL)).toEqual({ ...NOTHING, removed: 1, bytes: 4 });

    expect(await bench.stateOf(free)).toBe('no row, no bytes');
    for (const hash of [pinned, referred, result]) expect(await bench.stateOf(hash)).toBe('active, bytes');
  });

  it('I19 removes as many as it was told to, and the rest the next time', async () => {
    for (const text of ['a', 'b', 'c']) await keep(text);
    expect(await bench.sweeper().sweep({ ...ALL, limit: 2 })).toMatchObject({ removed: 2, bytes: 2 });
    expect(await bench.sweeper().sweep({ ...ALL, limit: 2 })).toMatchObject({ removed: 1, bytes: 1 });
  });

  it('I19 finds what is free behind more than a thousand that are in use', async () => {
    const used = Array.from({ length: 1_001 }, (_, index) => `0${String(index).padStart(63, '0')}`);
    const values = used.map((hash) => [hash, 'text/plain', past()]);
    await bench.database.run('INSERT INTO blobs (hash, mime_type, pinned_until) VALUES ?', [values]);
    await bench.refer(bench.database, used);
    const free = await keep('free');
    expect(await bench.sweeper().sweep(ALL)).toEqual({ ...NOTHING, removed: 1, bytes: 4 });
    expect(await bench.stateOf(free)).toBe('no row, no bytes');
  });

  describe('when the sweep dies', () => {
    const dies = () => Promise.reject(new Error('killed'));
    const deaths: [string, string, () => Parameters<BlobBench['sweeper']>[0]][] = [
      [
        'before its mark is committed',
        'active, bytes',
        () => ({
          blobs: replacing(bench.blobs, {
            markDeleting: async (...given) => {
              await bench.blobs.markDeleting(...given);
              return dies();
            },
          }),
        }),
      ],
      ['after its mark', 'deleting, bytes', () => ({ blobs: replacing(bench.blobs, { lockDeleting: dies }) })],
      ['before the file goes', 'deleting, bytes', () => ({ store: replacing(bench.store, { withdraw: dies }) })],
      [
        'after the file was taken, which brings it back',
        'deleting, bytes',
        () => ({ blobs: replacing(bench.blobs, { drop: dies }) }),
      ],
    ];

    it.each(deaths)('I19 lets another finish: %s', async (_, left, death) => {
      const hash = await keep('free');
      expect(await bench.sweeper(death()).sweep(ALL)).toEqual({ ...NOTHING, failed: 1 });
      expect(await bench.stateOf(hash)).toBe(left);
      expect(await bench.sweeper().sweep(ALL)).toEqual({ ...NOTHING, removed: 1, bytes: 4 });
      expect(await bench.stateOf(hash)).toBe('no row, no bytes');
      expect(await bench.stateOf(await keep('free', soon()))).toBe('active, bytes');
    });
  });

  it('I19 finishes a row whose harvest died before it had bytes', async () => {
    const hash = createHash('sha256').update('never stored').digest('hex');
    await bench.blobs.pin({ hash, sizeBytes: 12, mimeType: 'text/plain' }, past());
    expect(await bench.sweeper().sweep(ALL)).toMatchObject({ removed: 1, failed: 0 });
    expect(await bench.stateOf(hash)).toBe('no row, no bytes');
  });

  it('I19 leaves a file that the disk does not give up for the next sweep, and goes on with the others', async () => {
    const [stuck, free] = [await keep('stuck'), await keep('free')];
    const withdraw = (hash: string) =>
      hash === stuck ? Promise.reject(Object.assign(new Error('broken'), { code: 'EIO' })) : bench.store.withdraw(hash);
    expect(await bench.sweeper({ store: replacing(bench.store, { withdraw }) }).sweep(ALL)).toMatchObject({
      removed: 1,
      failed: 1,
    });
    expect([await bench.stateOf(stuck), await bench.stateOf(free)]).toEqual(['deleting, bytes', 'no row, no bytes']);
    expect(await bench.sweeper().sweep(ALL)).toMatchObject({ removed: 1, failed: 0 });
  });

  it('I19 sees the reference that a settle commits while the sweep waits for its row', async () => {
    const hash = await keep('just settled');
    const settle = await bench.holdOpen(async (transaction) => {
      expect(await bench.blobs.lockActive(transaction, [hash])).toBe(true);
      await bench.refer(transaction, [hash]);
    });
    const swept = bench.sweeper().sweep(ALL);
    await bench.untilWaiting();
    await settle.release();
    expect(await swept).toEqual({ ...NOTHING, skipped: 1 });
    expect(await bench.stateOf(hash)).toBe('active, bytes');
  });

  it('I19 sees the pin that is committed while the sweep waits for its row', async () => {
    const hash = await keep('just released');
    const removal = await bench.holdOpen((transaction) => bench.blobs.release(transaction, [hash]));
    const swept = bench.sweeper().sweep(ALL);
    await bench.untilWaiting();
    await removal.release();
    expect(await swept).toEqual({ ...NOTHING, skipped: 1 });
    expect(await bench.stateOf(hash)).toBe('active, bytes');
  });

  it('I19 pins nothing whose row the sweep has taken, and settles nothing of it', async () => {
    const hash = await keep('free');
    const [marked, end] = [bench.gate(), bench.gate()];
    const slow = replacing(bench.blobs, {
      markDeleting: async (...given) => {
        const isMarked = await bench.blobs.markDeleting(...given);
        marked.open();
        await end.opened;
        return isMarked;
      },
      lockDeleting: () => Promise.reject(new Error('killed')),
    });
    const swept = bench.sweeper({ blobs: slow }).sweep(ALL);
    await marked.opened;
    const pinned = bench.blobs.pin({ hash, sizeBytes: 4, mimeType: 'text/plain' }, soon());
    await bench.untilWaiting();
    end.open();
    expect(await pinned).toBeUndefined();
    await swept;
    expect(await bench.database.transaction((transaction) => bench.blobs.lockActive(transaction, [hash]))).toBe(false);
  });

  /** A sweep that stands before the file that it is about to take, its row locked. */
  async function holdUpSweep() {
    const [unlinking, end] = [bench.gate(), bench.gate()];
    const withdraw = async (name: string) => {
      unlinking.open();
      await end.opened;
      return bench.store.withdraw(name);
    };
    const first = bench.sweeper({ store: replacing(bench.store, { withdraw }) }).sweep(ALL);
    await unlinking.opened;
    return { first, end };
  }

  it('I19 never removes bytes that were stored anew while a sweep was held up and another finished', async () => {
    const hash = await keep('twice');
    const { first, end } = await holdUpSweep();
    const second = bench.sweeper().sweep(ALL);
    await Promise.race([second, bench.untilWaiting()]);
    const harvest = keep('twice', soon());
    await Promise.race([harvest, bench.untilWaiting(2)]);
    end.open();
    const [one, two] = await Promise.all([first, second, harvest]);
    expect(one.removed + two.removed).toBe(1);
    expect(await bench.stateOf(hash)).toBe('active, bytes');
  });

  it('I19 brings back bytes that were stored anew while a sweep was held up for longer than its lock lived', async () => {
    const hash = await keep('thrice');
    const { first, end } = await holdUpSweep();
    // Ends the idle transaction, as the server does by itself after a while.
    await bench.endIdleTransactions();
    expect(await bench.sweeper().sweep(ALL)).toMatchObject({ removed: 1 });
    await keep('thrice', soon());
    await bench.refer(bench.database, [hash]);
    end.open();
    expect(await first).toMatchObject({ removed: 0, failed: 1 });
    expect(await bench.stateOf(hash)).toBe('active, bytes');
  });

  it("I19 takes no other's pin for its own", async () => {
    const hash = await keep('free');
    await bench.database.run(`UPDATE blobs SET state = 'deleting'`);
    const overtaken = replacing(bench.database, {
      run: async (...given) => {
        const changed = await bench.database.run(...given);
        await bench.sweeper().sweep(ALL);
        await bench.blobs.pin({ hash, sizeBytes: 4, mimeType: 'text/plain' }, past());
        return changed;
      },
    });
    const late = new BlobsRepository(overtaken, bench.server.settings, new TestClock());
    expect(await late.pin({ hash, sizeBytes: 4, mimeType: 'text/plain' }, soon())).toBeUndefined();
  });

  it('I19 settles nothing whose bytes were swept after they were stored, though another has pinned them anew', async () => {
    const received = await bench.store.receive(Readable.from([Buffer.from('slow')]));
    const slow = await bench.blobs.pin({ ...received, mimeType: 'text/plain' }, past());
    await received.commit();
    await bench.sweeper().sweep(ALL);
    await bench.blobs.pin({ ...received, mimeType: 'text/plain' }, soon());
    await bench.blobs.markStored(slow!, new Date());
    expect(await bench.stateOf(received.hash)).toBe('active, no bytes');
    expect(
      await bench.database.transaction((transaction) => bench.blobs.lockActive(transaction, [received.hash])),
    ).toBe(false);
  });

  it('I19 I16 lets the files of an older run go with its results, and keeps their bytes for a day', async () => {
    const [older, both, newer] = [await keep('older'), await keep('both'), await keep('newer')];
    const task = await queueTask();
    await replaceResults(task, 1, [older, both]);
    await replaceResults(task, 2, [both, newer]);
    const files = await bench.database.rows<{ file_hash: string }>('SELECT file_hash FROM global_files ORDER BY id');
    expect(files.map(({ file_hash: hash }) => hash)).toEqual([both, newer]);
    const [row] = await bench.database.rows<{ pinned_until: Date }>('SELECT pinned_until FROM blobs WHERE hash = ?', [
      older,
    ]);
    expect(Math.abs(row!.pinned_until.getTime() - Date.now() - 24 * HOUR_MS)).toBeLessThan(60_000);
    expect(await bench.sweeper().sweep(ALL)).toEqual(NOTHING);
  });

  it('I19 sweeps nothing while the relay is further behind than a pin lasts', async () => {
    const hash = await keep('free');
    expect(await bench.sweeper().sweep({ ...ALL, relayLagMs: HOUR_MS + 1 })).toEqual({
      ...NOTHING,
      reason: expect.stringContaining('60 minutes behind'),
    });
    await bench.database.run(
      `INSERT INTO outbox (event_id, topic, aggregate_id, payload, created_at)
       VALUES (UUID(), 'task.changed', 'x', '{}', CURRENT_TIMESTAMP(3) - INTERVAL 2 HOUR)`,
    );
    expect(await bench.sweeper().sweep(ALL)).toEqual({
      ...NOTHING,
      reason: expect.stringContaining('120 minutes behind'),
    });
    expect(await bench.stateOf(hash)).toBe('active, bytes');
    await bench.database.run('UPDATE outbox SET published_at = CURRENT_TIMESTAMP(3)');
    expect(await bench.sweeper().sweep({ ...ALL, relayLagMs: HOUR_MS })).toMatchObject({ removed: 1 });
  });

  it.each([5, -5])('I9 I19 sweeps nothing while the clocks differ by %i minutes', async (minutes) => {
    const hash = await keep('free');
    const clock = new TestClock();
    // A second more than five minutes: the test's own clock stood still since it was made.
    clock.advance(minutes * 60_000 + Math.sign(minutes) * 1_000);
    expect(await bench.sweeper({ clock }).sweep(ALL)).toEqual({
      ...NOTHING,
      reason: expect.stringContaining('clocks'),
    });
    expect(await bench.stateOf(hash)).toBe('active, bytes');
  });
});
