import { createConnection } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { sharedDataSourceOptions } from '../../../ormconfig/shared.js';
import { Database } from '../../../src/database/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

describe('transactions that stand still (real: MariaDB)', () => {
  let server: ScratchServer;
  let sources: DataSource[];

  beforeAll(async () => {
    server = await startScratchServer({ overrides: { dispatch: { leaseTtlMs: 1_000, leaseRenewMs: 300 } } });
    sources = [1, 2].map(() => new DataSource(sharedDataSourceOptions(server.settings)));
    for (const source of sources) await source.initialize();
  });

  afterAll(async () => {
    for (const source of sources) await source.destroy();
    await server.stop();
  });

  it('are READ COMMITTED, whatever the server begins with', async () => {
    const database = new Database(sources[0]!);
    const name = await database.transaction(async (transaction) => {
      const [row] = await transaction.rows<{ isolation: string }>('SELECT @@tx_isolation AS isolation');
      return row!.isolation;
    });
    expect(name).toBe('READ-COMMITTED');
  });

  it('are told the time in UTC, whatever zone the server lives in', async () => {
    const admin = await createConnection(server.adminDsn);
    const source = new DataSource(sharedDataSourceOptions(server.settings));
    try {
      await admin.query(`SET GLOBAL time_zone = '+08:00'`);
      await source.initialize();
      const rows = await new Database(source).rows('SELECT @@session.time_zone AS zone');
      expect(rows).toEqual([{ zone: '+00:00' }]);
    } finally {
      await admin.query(`SET GLOBAL time_zone = '+00:00'`);
      await admin.end();
      await source.destroy();
    }
  });

  it('I9 takes the locks of a silent process away, so that who takes over can write, and the silent one cannot', async () => {
    const [silent, next] = sources.map((source) => new Database(source));
    await next!.run(`INSERT INTO leases (name, owner, token, renewals) VALUES ('node:a', 'silent', 1, 0)`);
    const late = silent!.transaction(async (transaction) => {
      await transaction.run(`UPDATE leases SET renewals = 7 WHERE name = 'node:a'`);
      // Silent until the other has written: a wait for the lock of a frozen process.
      await next!.run(`UPDATE leases SET owner = 'next', token = 2 WHERE name = 'node:a'`);
      await transaction.run(`UPDATE leases SET renewals = 8 WHERE name = 'node:a'`);
    });
    await expect(late).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    const rows = await next!.rows(`SELECT owner, token, renewals FROM leases WHERE name = 'node:a'`);
    expect(rows).toEqual([{ owner: 'next', token: '2', renewals: '0' }]);
    expect(await silent!.run(`UPDATE leases SET renewals = 9 WHERE name = 'node:a'`)).toBe(1);
  });
});
