import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { findRunningServer, startEmbeddedServer } from '../../../launch/embedded-server.js';
import { LockHeldError } from '../../../launch/lock-file.js';

describe('the private database server (real: the server program)', () => {
  let folder: string;
  let dataDir: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cws-server-'));
    dataDir = join(folder, 'mysql');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('makes its data folder at the first start and keeps the data for the next', async () => {
    const first = await startEmbeddedServer({ dataDir, purpose: 'user' });
    await run(first.adminDsn, 'CREATE DATABASE kept');
    await first.stop();
    const second = await startEmbeddedServer({ dataDir, purpose: 'user' });
    const databases = await run(second.adminDsn, "SHOW DATABASES LIKE 'kept'");
    await second.stop();
    expect(databases).toHaveLength(1);
  });

  it('lets root in over the socket alone, in a folder that only its owner may enter', async () => {
    const server = await startEmbeddedServer({ dataDir, purpose: 'user' });
    try {
      const overTcp = createConnection({ host: '127.0.0.1', port: server.port, user: 'root' });
      await expect(overTcp).rejects.toThrow(/not allowed|Access denied/);
      expect(statSync(dataDir).mode & 0o777).toBe(0o700);
      expect(await run(server.adminDsn, "SELECT 1 FROM mysql.user WHERE User = ''")).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it("keeps people's data safe against power loss and the binlog for seven days", async () => {
    const server = await startEmbeddedServer({ dataDir, purpose: 'user' });
    const [found] = await run(
      server.adminDsn,
      `SELECT @@log_bin AS logBin, @@sync_binlog AS syncBinlog, @@binlog_format AS format, @@max_connections AS connections,
        @@innodb_flush_log_at_trx_commit AS flush, CAST(@@innodb_doublewrite AS char) AS doublewrite, @@binlog_expire_logs_seconds AS expires`,
    );
    await server.stop();
    expect(found).toEqual({
      logBin: 1,
      syncBinlog: 1,
      format: 'ROW',
      connections: 400,
      flush: 1,
      doublewrite: expect.stringMatching(/^(1|ON)$/),
      expires: 604_800,
    });
  });

  it('refuses a second server on one data folder and names the process that has it', async () => {
    const server = await startEmbeddedServer({ dataDir, purpose: 'test' });
    try {
      const second = startEmbeddedServer({ dataDir, purpose: 'test' });
      await expect(second).rejects.toThrow(LockHeldError);
      await expect(second).rejects.toThrow(String(process.pid));
      expect(findRunningServer(dataDir)?.adminDsn).toBe(server.adminDsn);
    } finally {
      await server.stop();
    }
    expect(findRunningServer(dataDir)).toBeUndefined();
  });

  it('keeps its temporary tables in a folder that no other server empties', async () => {
    const server = await startEmbeddedServer({ dataDir, purpose: 'test' });
    const [found] = await run(server.adminDsn, 'SELECT @@tmpdir AS folder');
    await server.stop();
    expect(found).toEqual({ folder: `${dataDir}.tmp` });
  });

  it('finds a short place for its socket where the path of the data folder is too long for one', async () => {
    const deep = join(folder, 'a-rather-long-name-of-a-folder'.repeat(4), 'mysql');
    const server = await startEmbeddedServer({ dataDir: deep, purpose: 'test' });
    const answer = await run(server.adminDsn, 'SELECT 1 AS one');
    await server.stop();
    rmSync(join(server.socketPath, '..'), { recursive: true, force: true });
    expect(Buffer.byteLength(server.socketPath)).toBeLessThanOrEqual(107);
    expect(answer).toEqual([{ one: 1 }]);
  });

  it('says what the server said when it cannot start', async () => {
    execFileSync('mkdir', ['-p', join(dataDir, 'mysql')]);
    const start = startEmbeddedServer({ dataDir, purpose: 'test' });
    await expect(start).rejects.toThrow(/ended while starting.*mysql\.log/s);
    expect(findRunningServer(dataDir)).toBeUndefined();
  });
});

async function run(adminDsn: string, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection(adminDsn);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}
