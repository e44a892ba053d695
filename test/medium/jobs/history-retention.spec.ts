import type { INestApplicationContext } from '@nestjs/common';
import { AdminUsersService } from '../../../src/admin/index.js';
import { ClientUsersService } from '../../../src/client/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { HistoryRetentionJob } from '../../../src/jobs/history-retention.job.js';
import { noteSteadyRuns } from '../../support/note-steady-runs.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

describe('retention of histories and sign-ins (real: MariaDB)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let admin: Database;
  let client: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    admin = app.get<Database>(databaseToken('admin'), { strict: false });
    client = app.get<Database>(databaseToken('client'), { strict: false });
    await app.get(AdminUsersService).create({ username: 'root', password: 'correct horse', role: 'admin' });
    await app.get(ClientUsersService).create({ username: 'ann', password: 'correct horse' });
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const count = async (database: Database, table: string, where = 'TRUE') => {
    const [row] = await database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`);
    return Number(row!.n);
  };
  const ago = (days: number) => `UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`;

  it("removes what is older than its days, many batches of it, and keeps each job's latest run", async () => {
    const rows = Array.from({ length: 2_100 }, (_, index) => `('a', 'r${index}', 'done', ${ago(40)})`);
    await admin.run(`INSERT INTO job_runs (job_name, run_key, status, started_at) VALUES ${rows.join(', ')},
      ('a', 'young', 'done', ${ago(29)}), ('rare', 'last', 'done', ${ago(400)}), ('a', 'cut off', 'running', ${ago(40)})`);
    await admin.run(
      `INSERT INTO audit_logs (actor, action, created_at) VALUES ('x', 'old', ${ago(366)}), ('x', 'young', ${ago(364)})`,
    );
    for (const [id, days] of [
      ['gone', 2],
      ['there', -1],
    ] as const) {
      await admin.run(
        `INSERT INTO sessions (session_id, admin_user_id, expires_at) SELECT '${id}', id, ${ago(days)} FROM admin_users LIMIT 1`,
      );
      await client.run(
        `INSERT INTO client_sessions (session_id, client_id, expires_at) SELECT '${id}', client_id, ${ago(days)} FROM client_users LIMIT 1`,
      );
    }
    for (const [hash, days] of [
      ['used up', 2],
      ['good', -1],
    ] as const) {
      await client.run(
        `INSERT INTO refresh_tokens (token_hash, session_id, client_id, expires_at) SELECT '${hash}', 'there', client_id, ${ago(days)} FROM client_users LIMIT 1`,
      );
    }

    await noteSteadyRuns(app);
    const job = app.get(HistoryRetentionJob, { strict: false });
    expect(await job.run({ signal: new AbortController().signal, dueAt: new Date(), options: {} })).toEqual({
      ...{ job_runs: 2_100, audit_logs: 1, admin_sessions: 1, refresh_tokens: 1, client_sessions: 1 },
    });

    expect(
      await admin.rows("SELECT run_key AS run FROM job_runs WHERE job_name <> 'performance-metrics' ORDER BY id"),
    ).toEqual([{ run: 'young' }, { run: 'last' }, { run: 'cut off' }]);
    expect(await count(admin, 'audit_logs', "action = 'young'")).toBe(1);
    for (const [database, table] of [
      [admin, 'sessions'],
      [client, 'client_sessions'],
    ] as const) {
      expect(await database.rows(`SELECT session_id AS id FROM ${table}`)).toEqual([{ id: 'there' }]);
    }
    expect(await client.rows('SELECT token_hash AS hash FROM refresh_tokens')).toEqual([{ hash: 'good' }]);
  });
});
