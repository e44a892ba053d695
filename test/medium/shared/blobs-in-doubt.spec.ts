import { UnavailableError } from '../../../src/common/index.js';
import { BlobBench, replacing } from './blob-bench.js';

const HOUR_MS = 3_600_000;
const ALL = { limit: 1_000, relayLagMs: 0 };

describe('removals of blobs that end in doubt (real: MariaDB, disk)', () => {
  let bench: BlobBench;

  beforeAll(async () => {
    bench = await BlobBench.open();
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.empty());

  const soon = () => new Date(Date.now() + HOUR_MS);
  const keep = (text: string, until = new Date(Date.now() - 1)) => bench.keep(text, until);

  it('I19 removes bytes at last whose row went with a commit that nobody heard of', async () => {
    const hash = await keep('in doubt');
    const sweeper = bench.sweeper();
    const transaction = bench.database.transaction.bind(bench.database);
    let isDeaf = false;
    bench.database.transaction = async (work, how) => {
      const done = await transaction(work, how);
      if (isDeaf) throw new UnavailableError('The connection broke.');
      isDeaf = true;
      return done;
    };
    try {
      expect(await sweeper.sweep(ALL)).toMatchObject({ removed: 0, failed: 1 });
    } finally {
      bench.database.transaction = transaction;
    }
    expect(await bench.stateOf(hash)).toBe('no row, bytes');
    expect(await sweeper.sweep(ALL)).toMatchObject({ removed: 1, failed: 0 });
    expect(await bench.stateOf(hash)).toBe('no row, no bytes');
  });

  it('I19 leaves alone what was pinned anew after a removal that ended in doubt', async () => {
    const hash = await keep('in doubt, and wanted');
    const sweeper = bench.sweeper({
      blobs: replacing(bench.blobs, { drop: () => Promise.reject(new UnavailableError('The connection broke.')) }),
    });
    await sweeper.sweep(ALL);
    await bench.database.run('DELETE FROM blobs WHERE hash = ?', [hash]);
    expect(await keep('in doubt, and wanted', soon())).toBe(hash);
    await sweeper.sweep(ALL);
    expect(await bench.stateOf(hash)).toBe('active, bytes');
  });
});
