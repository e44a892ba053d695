import { DataSource } from 'typeorm';
import { sharedDataSourceOptions } from '../../../ormconfig/shared.js';
import { Clock, createLogger } from '../../../src/common/index.js';
import { Database, LeaseKeeper } from '../../../src/database/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const TTL_MS = 10_000;

class HandClock extends Clock {
  nowMs = 0;
  override monotonicMs(): number {
    return this.nowMs;
  }
}

describe('LeaseKeeper (real: MariaDB; the clock is turned by hand)', () => {
  let server: ScratchServer;
  let dataSource: DataSource;
  let clock: HandClock;
  const logger = createLogger({ level: 'silent', pretty: false });

  const makeKeeper = (own = clock) =>
    new LeaseKeeper({ database: new Database(dataSource), clock: own, logger, ttlMs: TTL_MS, renewMs: 3_600_000 });

  beforeAll(async () => {
    server = await startScratchServer();
    dataSource = await new DataSource(sharedDataSourceOptions(server.settings)).initialize();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await server.stop();
  });

  beforeEach(async () => {
    clock = new HandClock();
    await dataSource.query('DELETE FROM leases');
  });

  it('gives a lease to one of many who ask at once', async () => {
    const keepers = Array.from({ length: 8 }, () => makeKeeper());
    const leases = await Promise.all(keepers.map((keeper) => keeper.tryAcquire('scheduler')));
    expect(leases.filter(Boolean)).toHaveLength(1);
  });

  it('I9 lets another take over only after the row stood still for the time-to-live on its own clock', async () => {
    const first = makeKeeper();
    const second = makeKeeper();
    await first.tryAcquire('node:a');
    expect(await second.tryAcquire('node:a')).toBeUndefined();
    clock.nowMs += TTL_MS - 1;
    expect(await second.tryAcquire('node:a')).toBeUndefined();
    clock.nowMs += 1;
    expect(await second.tryAcquire('node:a')).toEqual({ name: 'node:a', token: 2 });
  });

  it('I9 starts waiting anew whenever the row moved', async () => {
    const second = makeKeeper();
    await makeKeeper().tryAcquire('node:a');
    await second.tryAcquire('node:a');
    clock.nowMs += TTL_MS;
    await dataSource.query(`UPDATE leases SET renewals = renewals + 1 WHERE name = 'node:a'`);
    expect(await second.tryAcquire('node:a')).toBeUndefined();
    clock.nowMs += TTL_MS;
    expect(await second.tryAcquire('node:a')).toBeDefined();
  });

  it('hands a lease over at once when its holder stops', async () => {
    const first = makeKeeper();
    await first.tryAcquire('node:a');
    first.start();
    await first.stop();
    expect(await makeKeeper().tryAcquire('node:a')).toEqual({ name: 'node:a', token: 2 });
  });

  it('tells a holder that it was taken over, and one that slept too long that it lost everything', async () => {
    const own = new HandClock();
    const first = makeKeeper(own);
    let lost = 0;
    const lease = await first.tryAcquire('node:a', () => (lost += 1));
    expect(first.isHeld(lease!)).toBe(true);
    own.nowMs += TTL_MS + 1;
    expect(first.isHeld(lease!)).toBe(false);
    first.start();
    await first.stop();
    expect(lost).toBe(1);
  });
});
