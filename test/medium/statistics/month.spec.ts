import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService } from '../../../src/admin/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { RELATIVE_ERROR, StatisticsService, TaskStatisticsService, widen } from '../../../src/shared/index.js';
import { ApiClient } from '../../support/api-client.js';
import { generateMonth } from '../../support/generated-month.js';
import { countPlainly, findDifferences, readCounted } from '../../support/plain-counts.js';
import { runCommand } from '../../support/run-command.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { startServices } from '../../support/start-services.js';

const IS_PROOF = process.env.PROVE_ROUNDS !== undefined;
const TASKS = Number(process.env.PROVE_ROUNDS ?? 5_000);
const HOUR_MS = 3_600_000;
/** As many hours as a test has time for. */
const DAYS = IS_PROOF ? 30 : 3;
const PASSWORD = 'correct horse';
/** A page waits for it. */
const ANSWER_MS = 100;
const TIMEOUT_MS = 120_000 + TASKS;
const CALLS = 20;
/** The oldest of the tasks are not to be at the boundary of retention. */
const OVERRIDES = { retention: { clientDataDays: 40 } };
const TABLES = ['hourly_statistics', 'daily_statistics', 'daily_rollups', 'system_statistics', 'user_statistics'];

describe('statistics of a generated month (real: MariaDB, all services, processes, routes)', () => {
  const until = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
  const from = new Date(until.getTime() - DAYS * 24 * HOUR_MS);
  const signal = new AbortController().signal;
  const printed: Record<string, unknown> = { tasks: TASKS };
  let server: ScratchServer;
  let app: INestApplicationContext;
  let second: INestApplicationContext;
  let api: NestFastifyApplication;
  let client: ApiClient;

  beforeAll(async () => {
    server = await startScratchServer({ overrides: OVERRIDES });
    app = await startServices(server, OVERRIDES);
    second = await startServices(server, OVERRIDES);
    const started = await startApi(server, OVERRIDES);
    api = started.app;
    await app.get(AdminUsersService, { strict: false }).create({ username: 'vic', password: PASSWORD, role: 'viewer' });
    client = await ApiClient.signInAsAdmin(started.url, 'vic', PASSWORD);
    await timed('generate', () => generateMonth(database(), { tasks: TASKS, from, days: DAYS }));
    await database().rows('ANALYZE TABLE global_tasks, global_task_results');
    await timed('count', () => app.get(StatisticsService, { strict: false }).countRecent(signal));
  }, TIMEOUT_MS);

  afterAll(async () => {
    if (IS_PROOF) process.stderr.write(`${JSON.stringify(printed, null, 2)}\n`);
    await Promise.all([api.close(), app.close(), second.close()]);
    await server.stop();
  });

  const database = () => app.get<Database>(databaseToken('shared'), { strict: false });
  const count = (by = app) => by.get(StatisticsService, { strict: false }).countRange({ from, to: until }, signal);

  async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    const result = await work();
    printed[`${what}_ms`] = Math.round(performance.now() - startedMs);
    return result;
  }

  /** Of all columns, the times at which rows were written among them. */
  async function takeChecksum(): Promise<Record<string, string>> {
    const sums: Record<string, string> = {};
    for (const table of TABLES) {
      const [row] = await database().rows<Record<string, string>>(`CHECKSUM TABLE ${table} EXTENDED`);
      sums[table] = String(Object.values(row!)[1]);
    }
    return sums;
  }

  async function compare(): Promise<number> {
    const expected = await countPlainly(database(), from, until);
    expect(findDifferences(expected, await readCounted(database(), from, until)).slice(0, 5)).toEqual([]);
    return expected.size;
  }

  it(
    'equal what plain SQL counts in the rows, in every figure of every hour and group',
    async () => {
      printed.figures = await timed('compare', compare);
      expect(printed.figures).toBeGreaterThan(TASKS / 10);
    },
    TIMEOUT_MS,
  );

  it(
    'hold the same in days, in the totals of days, and by user',
    async () => {
      const SUMS = 'SUM(submitted) s, SUM(completed) c, SUM(failed) f, SUM(cancelled) x, SUM(file_bytes) b';
      const [hours] = await database().rows(`SELECT ${SUMS}, SUM(run_ms_total) r FROM hourly_statistics`);
      const [days] = await database().rows(`SELECT ${SUMS}, SUM(run_ms_total) r FROM daily_statistics`);
      const [users] = await database().rows(`SELECT ${SUMS} FROM user_statistics`);
      expect(days).toEqual(hours);
      const [rows] = await database().rows<{ s: string; c: string; a: string; v: string }>(
        `SELECT SUM(created_at >= ? AND created_at < ?) s, SUM(status = 'completed' AND completed_at >= ? AND completed_at < ?) c,
         SUM(source_type = 'admin' AND created_at >= ? AND created_at < ?) a,
         SUM(task_type = 'image_to_video' AND created_at >= ? AND created_at < ?) v FROM global_tasks`,
        Array.from({ length: 4 }, () => [from, until]).flat(),
      );
      expect(hours).toMatchObject({ s: rows!.s, c: rows!.c });
      const [system] = await database().rows(
        `SELECT SUM(total_tasks) s, SUM(completed_tasks) c, SUM(admin_tasks) a, SUM(image_to_video_tasks) v,
         SUM(client_tasks + admin_tasks - text_to_image_tasks - image_to_video_tasks) d FROM system_statistics`,
      );
      expect(system).toEqual({ ...rows, d: '0' });
      // Users are counted by whole days: what ended after the last whole hour of today is among them.
      expect(Number((users as { s: string }).s)).toBeGreaterThanOrEqual(Number(rows!.s));
      const [off] = await database().rows(
        `SELECT COUNT(*) n FROM (SELECT DATE(created_at) d, source_type, source_user_id, COUNT(*) n FROM global_tasks GROUP BY 1, 2, 3) t
       LEFT JOIN user_statistics u ON u.stat_date = t.d AND u.source_type = t.source_type AND u.source_user_id = t.source_user_id
       WHERE u.submitted IS NULL OR u.submitted <> t.n`,
      );
      expect(off).toEqual({ n: '0' });
    },
    TIMEOUT_MS,
  );

  it(
    'tell percentiles within the error that they state',
    async () => {
      const filter = widen({ from, to: until }, 'day');
      const { all } = await app.get(TaskStatisticsService, { strict: false }).times({ ...filter, interval: 'day' });
      for (const [what, between] of [
        ['wait', 'queued_at, started_at'],
        ['run', 'started_at, completed_at'],
      ] as const) {
        expect(all[what].count).toBeGreaterThan(TASKS / 2);
        for (const [name, share] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const rank = Math.ceil(share * all[what].count) - 1;
          const [exact] = await database().rows<{ ms: string }>(
            `SELECT TIMESTAMPDIFF(MICROSECOND, ${between}) DIV 1000 AS ms FROM global_tasks
           WHERE status = 'completed' AND completed_at < ? ORDER BY ms LIMIT 1 OFFSET ?`,
            [until, rank],
          );
          expect(Math.abs(all[what][name]! / Number(exact!.ms) - 1)).toBeLessThanOrEqual(RELATIVE_ERROR + 0.002);
        }
      }
    },
    TIMEOUT_MS,
  );

  it(
    'do not change when they are counted again, by two at once, or by two processes at once',
    async () => {
      const before = await takeChecksum();
      await timed('count_again', count);
      expect(await takeChecksum()).toEqual(before);
      await timed('count_by_two', () => Promise.all([count(app), count(second)]));
      expect(await takeChecksum()).toEqual(before);
      const command = ['jobs:run', 'hourly-statistics', '--option', `from=${from.toISOString()}`];
      const ended = await timed('two_processes', () =>
        Promise.all(
          [1, 2].map(() => runCommand([...command, '--option', `to=${until.toISOString()}`], server.settings)),
        ),
      );
      expect(ended.map(({ exitCode, stderr }) => (exitCode === 0 ? 'done' : stderr)).sort()).toEqual([
        expect.stringMatching(/is running|^done$/),
        'done',
      ]);
      expect(await takeChecksum()).toEqual(before);
    },
    TIMEOUT_MS * 2,
  );

  it(
    'hold tasks that came late, by the next run of the hour',
    async () => {
      const before = await takeChecksum();
      await generateMonth(database(), { tasks: TASKS / 100, from, days: DAYS - 2, lot: 'late' });
      const counted = await timed('count_late', () =>
        app.get(StatisticsService, { strict: false }).countRecent(signal),
      );
      expect(counted.late_hours).toBeGreaterThan(0);
      expect(await takeChecksum()).not.toEqual(before);
      await compare();
    },
    TIMEOUT_MS,
  );

  it(
    'are told within the time that a page waits for it',
    async () => {
      const month = `from=${from.toISOString()}&to=${until.toISOString()}`;
      const asked = [
        ...[
          `tasks?interval=hour&${month}`,
          `tasks?interval=day&${month}`,
          `tasks?interval=hour&workflow=flux&${month}`,
        ],
        ...[`times?interval=day&${month}`, 'times?interval=hour', `workflows?${month}`, `nodes?${month}`],
        ...[`users?${month}&limit=100`, `storage?${month}`, 'overview'],
      ];
      const medians: Record<string, number> = {};
      for (const path of asked) {
        const times: number[] = [];
        for (let call = 0; call < CALLS; call += 1) {
          const startedMs = performance.now();
          await client.json('GET', `/api/admin/statistics/${path}`);
          times.push(performance.now() - startedMs);
        }
        const name = path.replace(`&${month}`, '').replace(month, 'month');
        medians[name] = Math.round(times.sort((a, b) => a - b)[CALLS / 2]! * 10) / 10;
      }
      printed.median_ms = medians;
      // Beside other tests a machine has no time to be measured.
      const allowed = IS_PROOF ? ANSWER_MS : 20 * ANSWER_MS;
      expect(Object.entries(medians).filter(([, ms]) => ms > allowed)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
