import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { sharedDataSourceOptions } from '../../../ormconfig/shared.js';
import { Database } from '../../../src/database/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { waitFor } from '../../support/wait-for.js';

describe('statements that lose a deadlock (real: MariaDB)', () => {
  let server: ScratchServer;
  let source: DataSource;
  let admin: Connection;

  beforeAll(async () => {
    server = await startScratchServer();
    source = await new DataSource(sharedDataSourceOptions(server.settings)).initialize();
    admin = await createConnection(server.adminDsn);
  });

  afterAll(async () => {
    await admin.end();
    await source.destroy();
    await server.stop();
  });

  const countDeadlocks = async () => {
    const [[row]] = await admin.query<RowDataPacket[]>(`SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'`);
    return Number(row!.Value);
  };

  const isOneWaiting = async () => {
    const [rows] = await admin.query<RowDataPacket[]>(
      `SELECT trx_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'`,
    );
    return rows.length > 0;
  };

  it('are tried again, also outside of a transaction', async () => {
    const database = new Database(source);
    await database.run(`INSERT INTO leases (name) VALUES ('a'), ('b'), ('c'), ('d'), ('e')`);
    const before = await countDeadlocks();
    let loser: Promise<number> | undefined;
    await database.transaction(async (winner) => {
      // The one that has changed less is given up.
      await winner.run(`UPDATE leases SET renewals = 1 WHERE name IN ('b', 'c', 'd', 'e')`);
      loser = database.run(`UPDATE leases SET token = 5 WHERE name IN ('a', 'b')`);
      await waitFor(isOneWaiting, { everyMs: 120, what: 'a statement that waits for a lock' });
      await winner.run(`UPDATE leases SET renewals = 1 WHERE name = 'a'`);
    });
    expect(await loser).toBe(2);
    expect(await countDeadlocks()).toBe(before + 1);
    const rows = await database.rows(`SELECT name, token, renewals FROM leases WHERE name IN ('a', 'b')`);
    expect(rows).toEqual(['a', 'b'].map((name) => ({ name, token: '5', renewals: '1' })));
  });
});
