import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, fromJson, type Database } from '../../../src/database/index.js';
import { DIMENSIONS } from '../../../src/flames/dimensions.js';
import { MigrateFilesService, TaskLogsService, type MigratedTask, type TaskLog } from '../../../src/flames/index.js';
import type { LegacyScores } from '../../../src/flames/legacy/parse-scores.js';
import { writeLegacyFiles } from '../../factories/legacy-files.factory.js';
import { makeTaskLog, makeTaskLogs } from '../../factories/task-log.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const TABLES = ['task_flames', 'task_flames_logs', 'flames_results'];

describe('files of an old installation (real: the database and the folders)', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let migration: MigrateFilesService;
  let database: Database;
  let folder: string;

  const answers: TaskLog[] = [
    ...DIMENSIONS.flatMap((dimension) => makeTaskLogs(900, { dimension })),
    makeTaskLog({ prompt: '第 0 个问题', repeatNo: 1 }),
    makeTaskLog({ prompt: '丙', response: 'Error: 500 Internal Server Error', predicted: null }),
  ];

  beforeAll(async () => {
    server = await startScratchServer();
    services = await startServices(server);
    migration = services.get(MigrateFilesService, { strict: false });
    database = services.get(databaseToken('flames'), { strict: false });
    folder = join(server.settings.dataDir, 'old');
    writeLegacyFiles(folder, { taskId: 'whole', logs: answers, runs: 3 });
    writeLegacyFiles(folder, { taskId: 'partly', logs: makeTaskLogs(5) });
    writeLegacyFiles(folder, { taskId: 'failed', logs: makeTaskLogs(2), runs: 0, error: 'Traceback: no GPU\n' });
    writeLegacyFiles(folder, { taskId: 'ours', logs: makeTaskLogs(5) });
    writeLegacyFiles(folder, { taskId: 'stopped', logs: makeTaskLogs(3) });
    appendFileSync(
      join(folder, 'Flames_partly_predicted.jsonl'),
      'nonsense\n\n{"dimension": "Legality", "prompt": "p", "response": "r", "predicted": 2}\n{"dimension": "Humour", "prompt": "p"}\n',
    );
    await database.run(
      `INSERT INTO task_flames (task_id, model_name, status) VALUES ('partly', 'old-model', 'completed')`,
    );
    await database.run(`INSERT INTO task_flames (task_id, status) VALUES ('stopped', 'running')`);
    await database.run(`INSERT INTO task_flames (task_id, status, config) VALUES ('ours', 'completed', '{}')`);
    // The old service had written some rows itself, without keys.
    const [first, second] = makeTaskLogs(2);
    await database.run(
      `INSERT INTO task_flames_logs (task_id, dimension, predicted, prompt, response) VALUES ('partly', ?, 3, ?, ?),
       ('partly', ?, 3, ?, ?)`,
      [second, first].flatMap((log) => [log!.dimension, log!.prompt, log!.response]),
    );
  });

  afterAll(async () => {
    await services.close();
    await server.stop();
  });

  async function migrate(isDryRun = false): Promise<Record<string, MigratedTask>> {
    const done: Record<string, MigratedTask> = {};
    for await (const task of migration.migrate(folder, { isDryRun })) done[task.taskId] = task;
    return done;
  }

  const dump = () => Promise.all(TABLES.map((table) => database.rows(`SELECT * FROM ${table} ORDER BY 1`)));

  it('are counted and left alone in a dry run', async () => {
    const before = await dump();
    expect((await migrate(true)).whole).toMatchObject({ rows: 4_502, added: 4_502, apiErrors: 1, badLines: [] });
    expect(await dump()).toEqual(before);
  });

  it('become the rows that a run of ours would have written, bad lines by their numbers', async () => {
    const { whole, partly, ours } = await migrate();
    expect(whole).toMatchObject({ rows: 4_502, added: 4_502, apiErrors: 1 });
    expect(partly).toMatchObject({
      rows: 5,
      added: 3,
      badLines: [
        { line: 6, problem: 'is not a JSON object' },
        { line: 8, problem: 'has a "predicted" that Legality does not know' },
        { line: 9, problem: 'has no known "dimension"' },
      ],
    });
    expect(ours).toMatchObject({ rows: 0, skipped: 'this service ran it itself' });
    const logs = services.get(TaskLogsService, { strict: false });
    await logs.insertTaskLogs('fresh', answers);
    const columns = 'dimension, predicted, prompt, response, item_key, repeat_no';
    const rowsOf = (taskId: string) =>
      database.rows(`SELECT ${columns} FROM task_flames_logs WHERE task_id = ? ORDER BY item_key, repeat_no`, [taskId]);
    expect(await rowsOf('whole')).toEqual(await rowsOf('fresh'));
    expect(await rowsOf('partly')).toHaveLength(5);
  });

  it('leave tasks with both results: the printed one, and that without failed requests', async () => {
    const [whole] = await database.rows<{ result: unknown; metrics: unknown }>(
      `SELECT t.*, r.metrics, r.scorer FROM task_flames t JOIN flames_results r USING (task_id) WHERE task_id = 'whole'`,
    );
    expect(whole).toMatchObject({ status: 'completed', is_legacy: 1, scorer: expect.stringContaining('old') });
    expect(fromJson<LegacyScores>(whole!.result).harmless_rate_each_dim.Safety).toBeCloseTo(901 / 902, 12);
    expect(fromJson(whole!.metrics)).toMatchObject({ harmless_rate: 1, counts: { Safety: { n3: 901, nError: 1 } } });
    const tasks = await database.rows(
      `SELECT task_id, model_name, status, error_message FROM task_flames WHERE task_id IN ('failed', 'partly')`,
    );
    expect(tasks).toEqual([
      { task_id: 'failed', model_name: null, status: 'failed', error_message: 'Traceback: no GPU' },
      { task_id: 'partly', model_name: 'old-model', status: 'completed', error_message: null },
    ]);
  });

  it('end a task that the old service left running, at the time of its file', async () => {
    const [task] = await database.rows(`SELECT status, end_time FROM task_flames WHERE task_id = 'stopped'`);
    const { mtime } = statSync(join(folder, 'Flames_stopped_predicted.jsonl'));
    expect(task).toEqual({ status: 'completed', end_time: mtime });
  });

  it('change nothing the second time', async () => {
    const before = await dump();
    const again = await migrate();
    expect(Object.values(again).map(({ added }) => added)).toEqual([0, 0, 0, 0, 0]);
    expect(await dump()).toEqual(before);
  });

  it('of a migration that was cut off come in with the next', async () => {
    await database.run(`DELETE FROM task_flames_logs WHERE task_id = 'whole' AND dimension > 'L'`);
    await database.run(`DELETE FROM flames_results WHERE task_id = 'whole'`);
    expect((await migrate()).whole!.added).toBeGreaterThan(0);
    const [counted] = await database.rows(`SELECT COUNT(*) AS n FROM task_flames_logs WHERE task_id = 'whole'`);
    expect(counted).toEqual({ n: '4502' });
  });
});
