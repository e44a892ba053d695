import { jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService } from '../../src/admin/index.js';
import { databaseToken, type Database } from '../../src/database/index.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { StatisticsService } from '../../src/shared/index.js';
import { ApiClient } from '../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../support/scratch-server.js';
import { startApi } from '../support/start-api.js';
import { waitFor } from '../support/wait-for.js';

const PASSWORD = 'correct horse';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Jobs {
  jobs: { name: string; schedule: string; is_running: boolean; last_run: { status: string; result: unknown } | null }[];
}

describe('routes of jobs and statistics (real: MariaDB, the routes; nothing runs by the clock)', () => {
  const today = new Date().toISOString().slice(0, 10);
  const yesterday = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
  const noon = new Date(`${yesterday}T12:00:00Z`);
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let operator: ApiClient;
  let viewer: ApiClient;

  beforeAll(async () => {
    server = await startScratchServer();
    const started = await startApi(server);
    app = started.app;
    for (const [username, role] of [
      ['vic', 'viewer'],
      ['olga', 'operator'],
    ] as const)
      await app.get(AdminUsersService).create({ username, password: PASSWORD, role });
    viewer = await ApiClient.signInAsAdmin(started.url, 'vic', PASSWORD);
    operator = await ApiClient.signInAsAdmin(started.url, 'olga', PASSWORD);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  afterEach(() => jest.restoreAllMocks());

  const databaseOf = (name: 'admin' | 'shared') => app.get<Database>(databaseToken(name), { strict: false });
  const run = async (name: string, body?: object, client = operator) => {
    const answer = await client.send('POST', `/api/admin/jobs/${name}/run`, body);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const ask = <T = Record<string, unknown>>(path: string) => viewer.json<T>('GET', `/api/admin/statistics/${path}`);

  async function insertTasks(): Promise<void> {
    const rows = Array.from({ length: 10 }, (_, task) => {
      const startedAt = new Date(noon.getTime() + 1_000);
      const endedAt = new Date(startedAt.getTime() + 10_000);
      const status = task < 8 ? 'completed' : 'failed';
      const user = task < 7 ? 'anna' : 'bert';
      return [
        `t-${task}`,
        'client',
        user,
        'text_to_image',
        'sd_basic',
        status,
        'gpu-1',
        noon,
        noon,
        startedAt,
        endedAt,
      ];
    });
    for (const row of rows)
      await databaseOf('shared').run(
        `INSERT INTO global_tasks (task_id, source_type, source_user_id, task_type, workflow_name, status, node_id,
           created_at, queued_at, started_at, completed_at) VALUES (?)`,
        [row],
      );
    await databaseOf('shared').run(
      `INSERT INTO global_task_results (task_id, result_type, file_size)
       SELECT id, 'image', 500 FROM global_tasks WHERE status = 'completed'`,
    );
  }

  describe('before anything was counted', () => {
    it('say so, and show empty hours and days', async () => {
      expect(await ask('tasks')).toMatchObject({ as_of: null, interval: 'day', total: { submitted: 0, completed: 0 } });
      expect((await ask<{ series: unknown[] }>('tasks?interval=hour')).series).toHaveLength(24);
      expect(await ask('times')).toMatchObject({ total: { run: { count: 0, mean_ms: null, p50_ms: null } } });
      expect(await ask('workflows')).toMatchObject({ workflows: [] });
      expect(await ask('nodes')).toMatchObject({ nodes: [] });
      expect(await ask('users')).toMatchObject({ users: [], total: 0, limit: 20, offset: 0 });
      expect(await ask('storage')).toMatchObject({ now: null });
      expect(await ask('overview')).toMatchObject({ as_of: null, queue: { queued: 0, processing: 0 }, storage: null });
    });

    it('list all jobs with their schedules, none of them run', async () => {
      const { jobs } = await viewer.json<Jobs>('GET', '/api/admin/jobs');
      expect(jobs.find(({ name }) => name === 'hourly-statistics')).toMatchObject({
        schedule: 'every hour at minute 2',
        schedule_expression: '0 2 * * * *',
        next_due_at: expect.stringMatching(/:02:00\.000Z$/),
        is_running: false,
        running_in: null,
        last_run: null,
      });
      expect(jobs.find(({ name }) => name === 'nightly-statistics')).toMatchObject({
        schedule: 'every day at 01:40 UTC',
      });
      expect(jobs.find(({ name }) => name === 'reconcile')).toMatchObject({ schedule: 'every 10 minutes' });
    });
  });

  describe('runs by hand', () => {
    it('answer with the outcome, leave a row in the audit log, and are listed', async () => {
      await insertTasks();
      const { status, body } = await run('hourly-statistics', { options: { from: yesterday, to: yesterday } });
      expect([status, body]).toEqual([
        200,
        expect.objectContaining({
          status: 'done',
          error: null,
          result: expect.objectContaining({ hours: 24, days: 1 }),
        }),
      ]);
      const [audit] = await databaseOf('admin').rows(
        `SELECT actor, target_id AS target, after_state AS after FROM audit_logs WHERE action = 'job.run'`,
      );
      expect(audit).toMatchObject({ actor: 'olga', target: 'hourly-statistics' });
      const listed = await viewer.json<{ runs: object[] }>('GET', '/api/admin/jobs/hourly-statistics/runs?status=done');
      expect(listed).toMatchObject({
        total: 1,
        limit: 20,
        offset: 0,
        runs: [{ run_key: body.run_key, status: 'done' }],
      });
      expect(
        await viewer.json('GET', '/api/admin/jobs/hourly-statistics/runs?status=failed&limit=1&offset=5'),
      ).toMatchObject({ runs: [], total: 0, limit: 1, offset: 5 });
      const { jobs } = await viewer.json<Jobs>('GET', '/api/admin/jobs');
      expect(jobs.find(({ name }) => name === 'hourly-statistics')!.last_run).toMatchObject({
        status: 'done',
        process_id: expect.any(String),
      });
    });

    it('go on after a 202 where they take long, and another is refused meanwhile', async () => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const job = app.get(JobRunner, { strict: false }).find('nightly-statistics');
      jest.spyOn(job, 'run').mockImplementation(async () => (await held, { counted: 1 }));
      const { status, body } = await run('nightly-statistics');
      expect([status, body]).toEqual([
        202,
        expect.objectContaining({ status: 'running', runs: '/api/admin/jobs/nightly-statistics/runs' }),
      ]);
      expect(await run('nightly-statistics')).toMatchObject({ status: 409, body: { code: 'JOB_RUNS' } });
      const listed = async () =>
        (await viewer.json<Jobs>('GET', '/api/admin/jobs')).jobs.find(({ name }) => name === 'nightly-statistics')!;
      expect(await listed()).toMatchObject({ is_running: true, running_in: expect.any(String) });
      release();
      expect(await waitFor(async () => ((await listed()).is_running ? undefined : listed()))).toMatchObject({
        last_run: { status: 'done', result: { counted: 1 } },
      });
    });

    it('answer that they failed, and why', async () => {
      const job = app.get(JobRunner, { strict: false }).find('nightly-statistics');
      jest.spyOn(job, 'run').mockRejectedValue(new Error('no room'));
      expect(await run('nightly-statistics')).toMatchObject({
        status: 200,
        body: { status: 'failed', error: 'no room' },
      });
    });

    it.each([
      { what: 'an unknown job', name: 'nothing', options: {}, status: 404, code: 'JOB_NOT_FOUND' },
      { what: 'an unknown job without options', name: 'nothing', options: null, status: 404, code: 'JOB_NOT_FOUND' },
      {
        what: 'an option that the job does not know',
        name: 'reconcile',
        options: { from: 'x' },
        code: 'JOB_OPTION_UNKNOWN',
      },
      { what: 'an option that is no text', options: { from: 7 } },
      { what: 'a day that there is not', options: { from: '2026-02-30' } },
      { what: 'an end before the beginning', options: { from: today, to: '2026-01-01' } },
      { what: 'options that are no object', options: 'from' },
    ])('refuse $what', async ({ name = 'hourly-statistics', options, status = 422, code = 'INVALID_INPUT' }) => {
      expect(await run(name, { options })).toMatchObject({ status, body: { code, detail: expect.any(String) } });
    });

    it('are not for viewers, who may look', async () => {
      expect(await run('reconcile', undefined, viewer)).toMatchObject({ status: 403, body: { code: 'ROLE_TOO_LOW' } });
      expect((await viewer.send('GET', '/api/admin/jobs/nothing/runs')).status).toBe(404);
      expect((await viewer.send('GET', '/api/admin/jobs/reconcile/runs?status=late')).status).toBe(422);
      expect((await viewer.send('GET', '/api/admin/jobs/reconcile/runs?limit=101')).status).toBe(422);
    });
  });

  describe('after counting', () => {
    const range = `from=${yesterday}&to=${yesterday}`;

    beforeAll(async () => {
      await app.get(StatisticsService, { strict: false }).countRecent(new AbortController().signal);
    });

    it('show tasks by hour and day, filtered or not, and what is complete', async () => {
      const { series, ...rest } = await ask<{ series: { time: string }[] }>(`tasks?interval=hour&${range}`);
      expect(series).toHaveLength(24);
      expect(series[12]).toEqual({
        ...{ time: noon.toISOString(), submitted: 10, completed: 8, failed: 2, cancelled: 0 },
        ...{ file_bytes: 4_000, is_complete: true },
      });
      expect(rest).toMatchObject({ as_of: expect.any(String), total: { submitted: 10, completed: 8 } });
      expect(await ask(`tasks?${range}&node=gpu-1`)).toMatchObject({
        total: { submitted: 0, completed: 8, failed: 2 },
      });
      expect(await ask(`tasks?${range}&workflow=flux`)).toMatchObject({ total: { completed: 0 } });
      expect(await ask(`tasks?from=${today}`)).toMatchObject({ series: [{ is_complete: false }] });
    });

    it('show times, workflows, nodes and users', async () => {
      const run = { count: 8, mean_ms: 10_000, p50_ms: expect.any(Number) };
      for (const filter of ['', '&task_type=text_to_image', '&source=client']) {
        const times = await ask<{ total: { run: { p95_ms: number } } }>(`times?${range}${filter}`);
        expect(times).toMatchObject({ total: { wait: { mean_ms: 1_000 }, run } });
        expect(Math.abs(times.total.run.p95_ms / 10_000 - 1)).toBeLessThan(0.022);
        const figures = { submitted: 10, completed: 8, failed: 2, success_rate: 0.8, run };
        expect(await ask(`workflows?${range}${filter}`)).toMatchObject({
          workflows: [{ workflow_name: 'sd_basic', task_type: 'text_to_image', ...figures }],
        });
        expect(await ask(`nodes?${range}${filter}`)).toMatchObject({
          nodes: [{ node_id: 'gpu-1', ...figures, submitted: 0 }],
        });
      }
      expect(await ask(`users?${range}`)).toMatchObject({
        total: 2,
        users: [
          { source_user_id: 'anna', submitted: 7, completed: 7, run_ms: 70_000, file_bytes: 3_500 },
          { source_user_id: 'bert', submitted: 3, completed: 1, failed: 2, run_ms: 30_000 },
        ],
      });
      expect(await ask(`users?${range}&limit=1&offset=1`)).toMatchObject({
        total: 2,
        users: [{ source_user_id: 'bert' }],
      });
    });

    it('show the store and an overview', async () => {
      expect(await ask(`storage?${range}`)).toMatchObject({
        now: { files: 0, bytes: 0, as_of: expect.any(String) },
        series: [{ date: yesterday, made_bytes: 4_000, stored_bytes: null }],
      });
      await databaseOf('shared').run(
        `INSERT INTO global_tasks (task_id, source_type, source_user_id, task_type, workflow_name, created_at)
         VALUES ('now', 'client', 'anna', 'text_to_image', 'sd_basic', UTC_TIMESTAMP(3))`,
      );
      expect(await ask('overview')).toMatchObject({
        yesterday: { submitted: 10, completed: 8, failed: 2 },
        this_hour: { submitted: 1 },
        queue: { queued: 1, processing: 0 },
      });
    });

    it.each([
      ['tasks?interval=minute'],
      ['tasks?interval=hour&from=2026-01-01&to=2026-02-01'],
      ['tasks?from=2020-01-01&to=2026-01-01'],
      ['times?interval=hour&from=2026-01-01&to=2026-01-04'],
      [`tasks?from=2026-01-02&to=2026-01-01`],
      ['tasks?from=yesterday'],
      ['users?limit=0'],
      ['users?from=99999-01-01'],
    ])('refuse %s with a text that says why', async (path) => {
      const answer = await viewer.send('GET', `/api/admin/statistics/${path}`);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/\w+ .*\.$/) });
    });
  });
});
