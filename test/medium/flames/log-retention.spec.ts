import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, fromJson, type Database } from '../../../src/database/index.js';
import { RetentionService, TaskLogsService } from '../../../src/flames/index.js';
import { makeTaskLogs } from '../../factories/task-log.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

describe('the clean-up of old logs (real: the database)', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let retention: RetentionService;
  let database: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    services = await startServices(server);
    retention = services.get(RetentionService, { strict: false });
    database = services.get(databaseToken('flames'), { strict: false });
    const tasks: [string, string, number, boolean][] = [
      ['old', 'completed', 31, false],
      ['held', 'completed', 31, true],
      ['young', 'completed', 29, false],
      ['stuck', 'failed', 31, false],
    ];
    for (const [taskId, status, days, isHeld] of tasks) {
      await database.run(
        `INSERT INTO task_flames (task_id, status, end_time, legal_hold, result)
         VALUES (?, ?, UTC_TIMESTAMP(3) - INTERVAL ? DAY, ?, '{"harmless_rate": 1}')`,
        [taskId, status, days, isHeld],
      );
      await services.get(TaskLogsService, { strict: false }).insertTaskLogs(taskId, makeTaskLogs(1_200));
      await database.run(
        `INSERT INTO flames_task_items (task_id, item_key, dimension, prompt, status)
         VALUES (?, 'k', 'Safety', 'p', 'scored')`,
        [taskId],
      );
    }
  });

  async function readFigures(taskId: string): Promise<unknown> {
    const [row] = await database.rows<{ metrics: unknown }>('SELECT metrics FROM flames_results WHERE task_id = ?', [
      taskId,
    ]);
    return row && fromJson(row.metrics);
  }

  afterAll(async () => {
    await services.close();
    await server.stop();
  });

  async function countRows(table: string): Promise<Record<string, string>> {
    const rows = await database.rows<{ task_id: string; n: string }>(
      `SELECT task_id, COUNT(*) AS n FROM ${table} GROUP BY task_id ORDER BY task_id`,
    );
    return Object.fromEntries(rows.map(({ task_id: taskId, n }) => [taskId, n]));
  }

  it('removes rows and items of tasks completed too long ago, and nothing that is held, young or not completed', async () => {
    expect(await retention.cleanUp()).toEqual({ tasks: 1, rowsRemoved: 1_200 });
    expect(await countRows('task_flames_logs')).toEqual({ held: '1200', stuck: '1200', young: '1200' });
    expect(await countRows('flames_task_items')).toEqual({ held: '1', stuck: '1', young: '1' });
  });

  it('leaves the task with its result, the time of the clean-up, and a row that says what was done', async () => {
    const [task] = await database.rows(`SELECT * FROM task_flames WHERE task_id = 'old'`);
    expect(task).toMatchObject({
      status: 'completed',
      result: expect.anything(),
      logs_removed_at: expect.any(Date),
    });
    expect(await database.rows('SELECT tasks, rows_removed, ended_at FROM flames_retention_runs')).toEqual([
      { tasks: 1, rows_removed: '1200', ended_at: expect.any(Date) },
    ]);
  });

  it('keeps the counts of a task of an old installation, which nothing but its rows told', async () => {
    expect(await readFigures('old')).toMatchObject({ counts: { Safety: { n3: 1_200, nError: 0 } } });
    expect(await readFigures('young')).toBeUndefined();
  });

  it('does nothing and notes nothing where nothing is due', async () => {
    expect(await retention.cleanUp()).toEqual({ tasks: 0, rowsRemoved: 0 });
    expect(await database.rows('SELECT id FROM flames_retention_runs')).toHaveLength(1);
  });

  it('removes what a hold kept once the hold is lifted', async () => {
    await database.run(`UPDATE task_flames SET legal_hold = 0 WHERE task_id = 'held'`);
    await database.run(`INSERT INTO flames_results (task_id, metrics) VALUES ('held', '{"counted": "at its end"}')`);
    expect(await retention.cleanUp()).toEqual({ tasks: 1, rowsRemoved: 1_200 });
    // Figures that are there are never counted anew.
    expect(await readFigures('held')).toEqual({ counted: 'at its end' });
  });

  it('stops between two batches when told to, and the next run ends what it began', async () => {
    await database.run(`UPDATE task_flames SET end_time = end_time - INTERVAL 5 DAY WHERE task_id = 'young'`);
    const abort = new AbortController();
    abort.abort();
    expect(await retention.cleanUp(abort.signal)).toEqual({ tasks: 0, rowsRemoved: 0 });
    expect(await retention.cleanUp()).toEqual({ tasks: 1, rowsRemoved: 1_200 });
  });
});
