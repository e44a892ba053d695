import { jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { JobRunsRepository } from '../../../src/admin/index.js';
import { Clock } from '../../../src/common/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { PartitionsJob } from '../../../src/jobs/partitions.job.js';
import { RetentionClock } from '../../../src/jobs/retention-clock.js';
import { checkDrift } from '../../../src/operations/index.js';
import { openMaintenanceConnection, openMigrationConnection } from '../../../src/operations/open-connection.js';
import { keepPartitions } from '../../../src/operations/partition-keeper.js';
import { noteSteadyRuns } from '../../support/note-steady-runs.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const TABLES = { system_logs: 'admin', performance_metrics: 'admin', client_access_logs: 'client' } as const;

describe('partitions of log tables (real: MariaDB)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let admin: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    admin = app.get<Database>(databaseToken('admin'), { strict: false });
    await noteSteadyRuns(app);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const run = (signal = new AbortController().signal) =>
    app.get(PartitionsJob, { strict: false }).run({ signal, dueAt: new Date(), options: {} });
  const at = (aheadMs = 0) => {
    const now = new Date(Date.now() + aheadMs);
    return { now, sureNow: now };
  };
  const partitionsOf = async (table: keyof typeof TABLES) => {
    const database = app.get<Database>(databaseToken(TABLES[table]), { strict: false });
    const rows = await database.rows<{ name: string }>(
      `SELECT PARTITION_NAME AS name FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = '${table}'
       ORDER BY PARTITION_ORDINAL_POSITION`,
    );
    return rows.map(({ name }) => name);
  };
  const insert = (message: string, days: number) =>
    admin.run("INSERT INTO system_logs (level, message, expire_on) VALUES ('INFO', ?, UTC_DATE() + INTERVAL ? DAY)", [
      message,
      days,
    ]);
  const messages = async () =>
    (await admin.rows<{ message: string }>('SELECT message FROM system_logs ORDER BY id')).map(
      ({ message }) => message,
    );

  it('are there from the first start on, before any row', async () => {
    for (const table of ['system_logs', 'performance_metrics', 'client_access_logs'] as const)
      expect((await partitionsOf(table)).length).toBeGreaterThan(7);
  });

  it('splits a catch-all that holds rows, says so, and loses none', async () => {
    await mergeAll();
    await insert('kept', 30);
    await insert('due long ago', -5);
    expect(await run()).toMatchObject({ partitions_dropped: 0, partition_catch_all_rows: { system_logs: 2 } });
    expect(await messages()).toEqual(['kept', 'due long ago']);
    expect(await run()).toEqual({
      ...{ partitions_added: 0, partitions_dropped: 0 },
      partition_catch_all_rows: { system_logs: 0, performance_metrics: 0, client_access_logs: 0 },
    });
  });

  it('are there at least seven days ahead of every row that may come, and end with the catch-all', async () => {
    await run();
    const day = (days: number) =>
      `p${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')}`;
    expect(await partitionsOf('system_logs')).toEqual(expect.arrayContaining([day(0), day(96), 'p_future']));
    for (const table of ['performance_metrics', 'client_access_logs'] as const) {
      expect(await partitionsOf(table)).toEqual([...Array.from({ length: 7 }, (_, index) => day(index)), 'p_future']);
    }
  });

  it('are no drift', async () => {
    await run();
    expect(await checkDrift('admin', server.settings)).toEqual([]);
  });

  it('are dropped with their rows once all of those have expired, and no others', async () => {
    await run();
    const migrator = await openMigrationConnection('admin', server.settings);
    const yesterday = await dayOf(migrator, -1);
    const today = await dayOf(migrator, 0);
    const [first] = await partitionsOf('system_logs');
    await migrator.query(
      `ALTER TABLE system_logs REORGANIZE PARTITION ${first} INTO (PARTITION p_a VALUES LESS THAN ('${yesterday}'),
         PARTITION p_b VALUES LESS THAN ('${today}'), PARTITION ${first} VALUES LESS THAN ('${await dayOf(migrator, 1)}'))`,
    );
    await migrator.end();
    await admin.run('DELETE FROM system_logs');
    for (const [message, days] of [
      ['old', -9],
      ['yesterday', -1],
      ['today', 0],
      ['later', 9],
    ] as const)
      await insert(message, days);
    expect(await run()).toMatchObject({ partitions_dropped: 2 });
    expect(await messages()).toEqual(['today', 'later']);
    expect((await partitionsOf('system_logs'))[0]).toBe(first);
  });

  it('are changed while rows come in, of which none is lost or refused', async () => {
    await mergeAll();
    await admin.run('DELETE FROM system_logs');
    let isOver = false;
    let written = 0;
    const writer = (async () => {
      while (!isOver) {
        await insert('live', written % 90);
        written += 1;
      }
    })();
    expect(await run()).toMatchObject({ partitions_added: expect.any(Number) });
    isOver = true;
    await writer;
    expect(await messages()).toHaveLength(written);
    expect(written).toBeGreaterThan(0);
    expect((await partitionsOf('system_logs')).length).toBeGreaterThan(90);
  });

  it('give way to a long transaction while others write, and are changed once it is over', async () => {
    await admin.run('DELETE FROM system_logs');
    await mergeAll();
    const reader = await openMigrationConnection('admin', server.settings);
    await reader.query('START TRANSACTION');
    await reader.query('SELECT COUNT(*) FROM system_logs');
    const job = run();
    let written = 0;
    for (const until = performance.now() + 4_000; performance.now() < until; written += 1) await insert('behind', 1);
    expect(await partitionsOf('system_logs')).toEqual(['p_future']);
    await reader.query('COMMIT');
    await reader.end();
    await job;
    expect(await messages()).toHaveLength(written);
    expect((await partitionsOf('system_logs')).length).toBeGreaterThan(90);
  });

  it('say how to make their user where an installation does not have it yet', async () => {
    const settings = server.settingsWith({ mysql: { maintenance: { username: 'nobody_yet' } } });
    await expect(keepPartitions(settings, at())).rejects.toThrow(
      /Partitions cannot be made or dropped.*npm run cli -- db:init/,
    );
  });

  it('I9 are left alone where the clocks disagree', async () => {
    await expect(keepPartitions(server.settings, at(6 * 60_000))).rejects.toThrow(/clocks/);
  });

  it('are left to a person where the catch-all is too full to be copied beside writers', async () => {
    await mergeAll();
    await admin.run('DELETE FROM system_logs');
    await admin.run(
      `INSERT INTO system_logs (level, message, expire_on)
       SELECT 'INFO', 'many', UTC_DATE() + INTERVAL 1 DAY FROM seq_1_to_100001`,
    );
    expect(await run()).toMatchObject({
      partitions_added: expect.any(Number),
      run_by_hand: { system_logs: expect.stringContaining('ALTER TABLE `system_logs` REORGANIZE PARTITION p_future') },
    });
    expect(await partitionsOf('system_logs')).toEqual(['p_future']);
    await admin.run('DELETE FROM system_logs');
    await run();
  });

  it('I9 are neither dropped nor added behind others by a clock that may have jumped', async () => {
    await run();
    const before = await partitionsOf('system_logs');
    await admin.run('DELETE FROM job_runs');
    await noteSteadyRuns(app, 24 * 300);
    const ahead = new Date(Date.now() + 200 * 86_400_000);
    jest.spyOn(app.get(JobRunsRepository, { strict: false }), 'readClock').mockResolvedValue(ahead);
    jest.spyOn(app.get(Clock, { strict: false }), 'now').mockReturnValue(ahead);
    const sureNow = await app.get(RetentionClock, { strict: false }).now();
    jest.restoreAllMocks();
    expect(Date.now() - sureNow.getTime()).toBeGreaterThan(299 * 86_400_000);
    expect(await keepPartitions(server.settings, { now: new Date(), sureNow })).toMatchObject(
      Array.from({ length: 3 }, () => ({ added: [], dropped: [] })),
    );
    expect(await partitionsOf('system_logs')).toEqual(before);
  });

  it('are all that the maintenance user may change', async () => {
    const maintainer = await openMaintenanceConnection('admin', server.settings);
    const refused = async (sql: string) =>
      expect(
        await maintainer.query(sql).then(
          () => 'allowed',
          ({ errno }: { errno: number }) => errno,
        ),
      ).toEqual(expect.any(Number));
    await refused('DELETE FROM system_logs WHERE id = 0');
    await refused('UPDATE system_logs SET level = level WHERE id = 0');
    await refused('SELECT * FROM comfyui_shared.outbox');
    await refused("CREATE USER 'made'@'%'");
    await maintainer.end();
  });

  /** As an installation that never had the job. */
  async function mergeAll(): Promise<void> {
    const migrator = await openMigrationConnection('admin', server.settings);
    const all = (await partitionsOf('system_logs')).join(', ');
    await migrator.query(
      `ALTER TABLE system_logs REORGANIZE PARTITION ${all} INTO (PARTITION p_future VALUES LESS THAN (MAXVALUE))`,
    );
    await migrator.end();
  }
});

async function dayOf(connection: Connection, days: number): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT DATE_FORMAT(UTC_DATE() + INTERVAL ${days} DAY, '%Y-%m-%d') AS day`,
  );
  return String(row!.day);
}
