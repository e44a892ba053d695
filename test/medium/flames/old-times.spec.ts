import type { INestApplicationContext } from '@nestjs/common';
import { createConnection, type Connection } from 'mysql2/promise';
import { checksum } from '../../../src/database/migrations/plan-migrations.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { FlamesTasksService } from '../../../src/flames/index.js';
import { oldTimes } from '../../../src/flames/migrations/20261122_0006-old-times.js';
import { initialiseDatabases } from '../../../src/operations/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

/** As the clock on the old server's wall showed them, half past five hours ahead of UTC. */
const OLD_ROWS = [
  ['done', '2025-03-01 03:30:00', '2025-03-01 04:10:05'],
  ['open', '2025-03-02 23:59:59', null],
];
const FLAMES = { oldTimesOffset: '+05:30', timesZone: 'Asia/Kolkata' };

describe('times that an old installation kept in its own zone (real: the database)', () => {
  let server: ScratchServer;
  let admin: Connection;
  let services: INestApplicationContext;
  let database: Database;

  beforeAll(async () => {
    server = await startScratchServer({ initialised: false, overrides: { flames: FLAMES } });
    admin = await createConnection({ uri: server.adminDsn, timezone: 'Z', dateStrings: true });
    await admin.query('CREATE DATABASE `redteam-dra`');
    await admin.query('USE `redteam-dra`');
    await admin.query(`CREATE TABLE task_flames (task_id varchar(64) NOT NULL PRIMARY KEY, model_name varchar(255),
      status varchar(32), dataset_id int, submit_time datetime, end_time datetime, result json) ENGINE=MyISAM`);
    await admin.query('INSERT INTO task_flames (task_id, submit_time, end_time) VALUES ?', [OLD_ROWS]);
    await migrate();
    services = await startServices(server, { flames: FLAMES });
    database = services.get(databaseToken('flames'), { strict: false });
  });

  afterAll(async () => {
    await services.close();
    await admin.end();
    await server.stop();
  });

  const migrate = () => initialiseDatabases({ settings: server.settings, adminDsn: server.adminDsn });
  const dump = async () => (await admin.query('SELECT * FROM task_flames ORDER BY task_id'))[0];

  async function listShown(): Promise<(string | null)[][]> {
    const { tasks } = await services.get(FlamesTasksService).list({});
    return tasks.map((task) => [task.task_id, task.submit_time, task.end_time]).sort();
  }

  it('are kept in UTC, and shown as the old page showed them', async () => {
    expect(await listShown()).toEqual(OLD_ROWS);
    const [done] = await database.rows("SELECT submit_time, end_time FROM task_flames WHERE task_id = 'done'");
    expect(done).toEqual({
      submit_time: new Date('2025-02-28T22:00:00Z'),
      end_time: new Date('2025-02-28T22:40:05Z'),
    });
  });

  it('stay as they are when migrations run again', async () => {
    const before = await dump();
    await migrate();
    expect(await dump()).toEqual(before);
  });

  it('are converted once, though a run was cut off when it had just done so, and ours never', async () => {
    await admin.query(`INSERT INTO task_flames (task_id, submit_time, end_time, config) VALUES
      ('ours', '2025-03-01 00:00:00', '2025-03-01 01:00:00', '{}')`);
    await admin.query(
      "UPDATE schema_migrations SET status = 'running', step = 1, checksum = ?, repaired_at = NOW(3) WHERE version = ?",
      [checksum(oldTimes, 1), oldTimes.version],
    );
    await migrate();
    expect(await listShown()).toEqual([...OLD_ROWS, ['ours', '2025-03-01 05:30:00', '2025-03-01 06:30:00']]);
  });

  it('come back by the way back', async () => {
    await admin.query(oldTimes.steps()[1]!.down as string);
    const [rows] = await admin.query({
      sql: "SELECT task_id, CAST(submit_time AS datetime), CAST(end_time AS datetime) FROM task_flames WHERE task_id IN ('done', 'open')",
      rowsAsArray: true,
    });
    expect(rows).toEqual(OLD_ROWS);
  });
});
