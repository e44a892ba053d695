import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { startScratchServer } from '../../support/scratch-server.js';

describe('scratch servers for tests (real: the server program)', () => {
  it('gives each test a server of its own, which knows nothing of the others', async () => {
    const [one, two] = await Promise.all([
      startScratchServer({ initialised: false }),
      startScratchServer({ initialised: false }),
    ]);
    try {
      await query(one.adminDsn, 'CREATE DATABASE mine');
      expect(await query(one.adminDsn, "SHOW DATABASES LIKE 'mine'")).toHaveLength(1);
      expect(await query(two.adminDsn, "SHOW DATABASES LIKE 'mine'")).toHaveLength(0);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});

async function query(adminDsn: string, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection(adminDsn);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}
