import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService, type AdminRole } from '../../../src/admin/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { DIMENSIONS } from '../../../src/flames/dimensions.js';
import { TaskLogsService, type TaskLog } from '../../../src/flames/index.js';
import { figuresOfLabels } from '../../../src/flames/reports/report-figures.js';
import type { LogTableView } from '../../../src/flames/monitoring/log-table.view.js';
import type { ComparisonView } from '../../../src/flames/reports/comparison.view.js';
import type { ReportView } from '../../../src/flames/reports/report.view.js';
import { writeLegacyFiles } from '../../factories/legacy-files.factory.js';
import { makeTaskLogs } from '../../factories/task-log.factory.js';
import { ApiClient } from '../../support/api-client.js';
import { startApi } from '../../support/start-api.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const PASSWORD = 'correct horse';

describe('the routes of reports (real: the routes and the database)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let database: Database;
  let operator: ApiClient;
  let viewer: ApiClient;

  /** Twelve of each dimension; `isHarmless` by its number. */
  const answers = (isHarmless: (number: number) => boolean): TaskLog[] =>
    DIMENSIONS.flatMap((dimension) =>
      makeTaskLogs(12, { dimension }).map((log, number) => ({ ...log, predicted: isHarmless(number) ? 3 : 1 })),
    );

  beforeAll(async () => {
    server = await startScratchServer();
    const legacyDir = join(server.settings.dataDir, 'old-files');
    mkdirSync(legacyDir, { recursive: true });
    writeLegacyFiles(legacyDir, { taskId: 'filed', logs: answers((number) => number < 6), runs: 2 });
    const api = await startApi(server, { flames: { legacyDir } });
    app = api.app;
    database = app.get(databaseToken('flames'), { strict: false });
    const signIn = async (username: string, role: AdminRole) => {
      await app.get(AdminUsersService).create({ username, password: PASSWORD, role });
      return ApiClient.signInAsAdmin(api.url, username, PASSWORD);
    };
    [operator, viewer] = [await signIn('olga', 'operator'), await signIn('vic', 'viewer')];
    await addTask('a', { logs: answers((number) => number < 3) });
    await addTask('b', { logs: answers((number) => number < 9), scorer: 'rules' });
    await addTask('elsewhere', { datasetId: 20 });
    await addTask('running', { status: 'running' });
    await addTask('filed', { datasetId: 20, model: 'old', hasResult: false });
    await addTask('counted', { logs: answers(() => true), model: 'old', hasResult: false });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  interface Given {
    logs?: TaskLog[];
    status?: string;
    datasetId?: number;
    model?: string;
    scorer?: string;
    hasResult?: boolean;
  }

  async function addTask(taskId: string, given: Given): Promise<void> {
    const { logs = [], status = 'completed', datasetId = 10, model = 'qwen', scorer = 'flames-scorer' } = given;
    await database.run(
      `INSERT INTO task_flames (task_id, model_name, dataset_id, status, submit_time, end_time)
       VALUES (?, ?, ?, ?, '2026-11-22 16:00:00', '2026-11-22 17:00:00')`,
      [taskId, model, datasetId, status],
    );
    await app.get(TaskLogsService, { strict: false }).insertTaskLogs(taskId, logs);
    if (given.hasResult === false) return;
    const metrics = figuresOfLabels(logs.map(({ dimension, predicted }) => ({ dimension, predicted, rows: 1 })));
    await database.run('INSERT INTO flames_results (task_id, metrics, scorer, revision) VALUES (?, ?, ?, ?)', [
      taskId,
      JSON.stringify(metrics),
      scorer,
      'r7',
    ]);
  }

  it('show a report as the dashboard reads it', async () => {
    const report = await viewer.json<ReportView>('GET', '/api/flames/report/a');
    expect(report).toMatchObject({
      taskId: 'a',
      model_name: 'qwen',
      dataset_id: 10,
      submit_time: '2026-11-23 00:00:00',
      end_time: '2026-11-23 01:00:00',
      status: 'completed',
      scorer: { name: 'flames-scorer', revision: 'r7', is_for_demo_only: false },
      source: 'database',
    });
    expect(report.data).toMatchObject({ harmless_rate: 0.25, harmless_score: 50, formula_version: 1 });
    expect(report.data.harmless_rate_each_dim).toEqual(Object.fromEntries(DIMENSIONS.map((name) => [name, 0.25])));
    expect(report.data.logs).toHaveLength(50);
    expect(report.log).toEqual(report.data.logs);
    expect(report.log[0]).toEqual({ dimension: 'Fairness', predicted: 3, prompt: '第 0 个问题', response: '不可以。' });
  });

  it('show an old task from its files, and one without figures from its rows', async () => {
    expect(await viewer.json('GET', '/api/flames/report/filed')).toMatchObject({
      source: 'file',
      data: { harmless_rate: 0.5, harmless_score: expect.closeTo(200 / 3, 10) },
      scorer: { name: null, revision: null },
    });
    expect(await viewer.json('GET', '/api/flames/report/counted')).toMatchObject({
      source: 'database',
      data: { harmless_rate: 1, harmless_score: 100 },
    });
  });

  const perTask = ['report/:id', 'report/:id/download', 'report/:id/export?format=csv', 'logs/:id/download'];

  it.each(perTask)('say of %s what the dashboard compares with: not found, not completed', async (route) => {
    const unknown = await viewer.send('GET', `/api/flames/${route.replace(':id', 'nobodys')}`);
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      expect.objectContaining({ task_id: 'nobodys', msg: 'not found', code: 'FLAMES_TASK_NOT_FOUND' }),
    ]);
    const running = await viewer.send('GET', `/api/flames/${route.replace(':id', 'running')}`);
    expect([running.status, await running.json()]).toEqual([
      400,
      expect.objectContaining({
        task_id: 'running',
        msg: 'not completed',
        code: 'FLAMES_TASK_NOT_COMPLETED',
        detail: expect.any(String),
        message: expect.any(String),
      }),
    ]);
  });

  async function download(path: string): Promise<{ headers: (string | null)[]; body: Buffer }> {
    const answer = await viewer.send('GET', `/api/flames/${path}`);
    expect(answer.status).toBe(200);
    const headers = ['content-type', 'content-disposition'].map((name) => answer.headers.get(name));
    return { headers, body: Buffer.from(await answer.arrayBuffer()) };
  }

  it('hand out all rows as text, from the database or from old files', async () => {
    const { headers, body } = await download('logs/a/download');
    expect(headers).toEqual(['text/plain; charset=utf-8', 'attachment; filename="Flames_logs_a.log"']);
    expect(body.toString()).toMatch(
      /^Flames任务执行日志\n任务ID: a\n生成时间: \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\n\n=== 日志条目 1 ===\n/,
    );
    expect(body.toString().match(/=== 日志条目/g)).toHaveLength(60);
    expect((await download('logs/filed/download')).body.toString().match(/=== 日志条目/g)).toHaveLength(60);
  });

  it('hand out all rows as CSV, JSON lines and sheet, and nothing else', async () => {
    const csv = await download('report/a/export?format=csv');
    expect(csv.headers).toEqual(['text/csv; charset=utf-8', 'attachment; filename="Flames_logs_a.csv"']);
    expect(csv.body.toString().split('\r\n')).toHaveLength(62);
    expect((await download('report/a/export?format=jsonl')).body.toString().trim().split('\n')).toHaveLength(60);
    expect((await download('report/a/export?format=xlsx')).body.subarray(0, 2).toString()).toBe('PK');
    expect((await viewer.send('GET', '/api/flames/report/a/export?format=exe')).status).toBe(422);
  });

  it('hand out a PDF, and turn others away while nine are being made', async () => {
    const { headers, body } = await download('report/b/download');
    expect(headers).toEqual(['application/pdf', 'attachment; filename="Flames_Report_b.pdf"']);
    expect(body.subarray(0, 5).toString()).toBe('%PDF-');
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => viewer.send('GET', '/api/flames/report/b/download')),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toContain(503);
    // One that is made while others still arrive leaves its place to them.
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(9);
    const busy = answers.find(({ status }) => status === 503)!;
    expect(await busy.json()).toMatchObject({ task_id: 'b', msg: expect.any(String), code: 'PDF_BUSY' });
  });

  it('compare two tasks on the same dataset, prompt by prompt, and refuse others', async () => {
    const { a, b, comparison } = await viewer.json<ComparisonView>('GET', '/api/flames/compare?a=a&b=b');
    expect([a.task_id, b.task_id]).toEqual(['a', 'b']);
    expect(comparison.overall).toMatchObject({ pairs: 60, harmless_in_a_only: 0, harmless_in_b_only: 30 });
    expect(comparison.overall.harmless_rate).toMatchObject({ a: 0.25, b: 0.75, difference: 0.5 });
    expect(comparison.overall.harmless_rate.p).toBeLessThan(1e-6);
    expect(comparison.each_dim.Legality.pairs).toBe(12);
    const refusals = ['a=a&b=elsewhere', 'a=a', 'a=a&b=running', 'a=nobodys&b=b'].map((query) =>
      viewer.send('GET', `/api/flames/compare?${query}`),
    );
    expect((await Promise.all(refusals)).map(({ status }) => status)).toEqual([422, 422, 400, 404]);
  });

  it('list what became of a model over time', async () => {
    const { tasks } = await viewer.json<{ tasks: object[] }>('GET', '/api/flames/trends?model_name=qwen');
    expect(tasks).toHaveLength(3);
    expect(tasks[0]).toMatchObject({
      task_id: 'a',
      harmless_rate: 0.25,
      interval: [expect.any(Number), expect.any(Number)],
    });
    expect(await viewer.json('GET', '/api/flames/trends?model_name=nobody')).toEqual({
      model_name: 'nobody',
      tasks: [],
    });
  });

  it('let operators hold the logs of a task and release them', async () => {
    const isHeld = async () => (await database.rows(`SELECT legal_hold FROM task_flames WHERE task_id = 'a'`))[0];
    const path = '/api/flames/tasks/a/legal-hold';
    for (let times = 0; times < 2; times += 1) {
      expect(await operator.json('PUT', path)).toEqual({ task_id: 'a', legal_hold: true });
    }
    expect(await isHeld()).toEqual({ legal_hold: 1 });
    expect(await operator.json('DELETE', path)).toEqual({ task_id: 'a', legal_hold: false });
    expect(await isHeld()).toEqual({ legal_hold: 0 });
    expect((await operator.send('PUT', '/api/flames/tasks/nobodys/legal-hold')).status).toBe(404);
    expect((await viewer.send('PUT', path)).status).toBe(403);
  });

  it('show how large the table of logs is and who fills it', async () => {
    const stats = await viewer.json<LogTableView>('GET', '/api/flames/admin/logs/stats');
    expect(stats).toMatchObject({
      tasks: 3,
      rows_per_task: { min: 60, median: 60, p95: 60, max: 60, mean: 60 },
      oldest_task: {
        task_id: 'a',
        written_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        end_time: '2026-11-23 01:00:00',
      },
      spool_files: 0,
      last_retention_run: null,
    });
    expect(stats.largest).toHaveLength(3);
    expect(stats.table.data_bytes).toBeGreaterThan(0);
  });
});
