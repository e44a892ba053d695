import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { DIMENSIONS } from '../../../src/flames/dimensions.js';
import { SpoolDrainService, TaskLogsService, type TaskLog } from '../../../src/flames/index.js';
import { makeTaskLog, makeTaskLogs } from '../../factories/task-log.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

describe('log rows of evaluations (real: the database and the folders)', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let logs: TaskLogsService;
  let spool: SpoolDrainService;
  let database: Database;
  let migrator: Awaited<ReturnType<typeof openMigrationConnection>>;
  let spoolFolder: string;
  let legacyDir: string;

  beforeAll(async () => {
    server = await startScratchServer();
    legacyDir = join(server.settings.dataDir, 'old-files');
    mkdirSync(legacyDir, { recursive: true });
    services = await startServices(server, { flames: { legacyDir } });
    logs = services.get(TaskLogsService, { strict: false });
    spool = services.get(SpoolDrainService, { strict: false });
    database = services.get(databaseToken('flames'), { strict: false });
    migrator = await openMigrationConnection('flames', server.settings);
    spoolFolder = join(server.settings.dataDir, 'flames-spool');
  });

  afterAll(async () => {
    await migrator.end();
    await services.close();
    await server.stop();
  });

  async function readAll(taskId: string): Promise<TaskLog[]> {
    const found: TaskLog[] = [];
    for await (const page of logs.streamTaskLogs(taskId)) found.push(...page);
    return found;
  }

  const listSpooled = () => readdirSync(spoolFolder).filter((name) => name.endsWith('.jsonl'));
  const takeTableAway = () => migrator.query('RENAME TABLE task_flames_logs TO away');
  const bringTableBack = () => migrator.query('RENAME TABLE away TO task_flames_logs');

  it('are written once, however often they are handed in', async () => {
    const rows = makeTaskLogs(1_200);
    await logs.insertTaskLogs('once', rows.slice(0, 700));
    await logs.insertTaskLogs('once', rows);
    await logs.insertTaskLogs('once', [{ ...rows[0]!, repeatNo: 1 }]);
    expect(await readAll('once')).toEqual([...rows, { ...rows[0]!, repeatNo: 1 }]);
  });

  it('hold long answers, newlines and characters of any kind', async () => {
    const row = makeTaskLog({ response: `一\r\n😀'"\\\0`.repeat(20_000), predicted: null });
    await logs.insertTaskLogs('long', [row]);
    expect(await readAll('long')).toEqual([row]);
  });

  it('come in full statements that the server reads once a connection, with characters of any kind', async () => {
    const count = async (name: string) => {
      const [row] = await database.rows<{ Value: string }>('SHOW GLOBAL STATUS LIKE ?', [name]);
      return Number(row!.Value);
    };
    const [prepared, executed] = [await count('Com_stmt_prepare'), await count('Com_stmt_execute')];
    const rows = makeTaskLogs(20 * 500, { response: `一\r\n😀'"\\\0`, predicted: null });
    await logs.insertTaskLogs('full', rows);
    await logs.insertTaskLogs('full', rows);
    expect(await readAll('full')).toEqual(rows);
    expect((await count('Com_stmt_execute')) - executed).toBe(2 * 20);
    expect((await count('Com_stmt_prepare')) - prepared).toBeLessThanOrEqual(server.settings.mysql.flames.poolSize);
  });

  it('are read ten of each dimension, in the order of the dimensions, whatever other tasks have', async () => {
    for (const dimension of [...DIMENSIONS].reverse()) {
      await logs.insertTaskLogs('ten', makeTaskLogs(dimension === 'Legality' ? 3 : 12, { dimension }));
      await logs.insertTaskLogs('other', makeTaskLogs(30, { dimension }));
    }
    const { logs: found, source } = await logs.getTaskLogs('ten');
    expect(source).toBe('database');
    const counted = DIMENSIONS.map((name) => found.filter(({ dimension }) => dimension === name).length);
    expect(counted).toEqual([10, 10, 10, 3, 10]);
    expect(found.map(({ dimension }) => DIMENSIONS.indexOf(dimension))).toEqual(
      [...found.map(({ dimension }) => DIMENSIONS.indexOf(dimension))].sort(),
    );
    expect((await logs.getTaskLogs('ten', 2)).logs).toHaveLength(10);
  });

  it('are found by their index alone', async () => {
    const [plan] = await database.rows<{ key: string; Extra: string }>(
      `EXPLAIN SELECT * FROM task_flames_logs WHERE task_id = 'ten' AND dimension = 'Safety' ORDER BY id LIMIT 10`,
    );
    expect(plan).toMatchObject({ key: 'ix_task_flames_logs_task_id_dimension_id' });
    expect(plan!.Extra).not.toContain('filesort');
  });

  it('of old installations are read without keys and under older names', async () => {
    await database.run(`INSERT INTO task_flames_logs (task_id, dimension, predicted, prompt, response)
      VALUES ('old', 'Virtue', 2, 'p', NULL), ('old', 'Data_protection', 1, 'q', 'r'), ('old', 'Humour', 1, 's', 't')`);
    const expected = [
      makeTaskLog({ dimension: 'Morality', predicted: 2, prompt: 'p', response: '' }),
      makeTaskLog({ dimension: 'Data protection', predicted: 1, prompt: 'q', response: 'r' }),
    ];
    expect((await logs.getTaskLogs('old')).logs).toEqual(expected);
    const all = await readAll('old');
    expect(all).toMatchObject([...expected, { dimension: 'Humour', prompt: 's' }]);
    const labels = [];
    for await (const page of logs.streamLabels('old')) labels.push(...page);
    expect(labels).toEqual(all.map(({ itemKey, dimension, predicted }) => ({ itemKey, dimension, predicted })));
  });

  it('wait in files while the table is away, and come in once when it is back', async () => {
    const rows = makeTaskLogs(600);
    await logs.insertTaskLogs('before', makeTaskLogs(500));
    await takeTableAway();
    try {
      await logs.insertTaskLogs('spooled', rows);
      expect(listSpooled()).toHaveLength(1);
      await expect(spool.drain()).rejects.toThrow();
      expect(listSpooled()).toHaveLength(1);
    } finally {
      await bringTableBack();
    }
    const [file] = listSpooled();
    const content = readFileSync(join(spoolFolder, file!));
    expect(await spool.drain()).toBe(600);
    expect(listSpooled()).toEqual([]);
    // As after a kill between the insert and the removal of the file.
    writeFileSync(join(spoolFolder, file!), content);
    await spool.drain();
    expect(listSpooled()).toEqual([]);
    expect(await readAll('spooled')).toEqual(rows);
  });

  it('that can never be stored keep no others out', async () => {
    const rows = makeTaskLogs(5);
    await logs.insertTaskLogs('poisoned', [...rows, makeTaskLog({ prompt: 'p'.repeat(70_000) })]);
    expect(await spool.drain()).toBe(5);
    expect(await readAll('poisoned')).toEqual(rows);
    expect(readdirSync(join(spoolFolder, 'refused'))).toHaveLength(1);
  });

  it('are deleted with those that wait, and with nobody else’s', async () => {
    await takeTableAway();
    try {
      await logs.insertTaskLogs('gone', makeTaskLogs(2, { dimension: 'Fairness' }));
      await logs.insertTaskLogs('stays', makeTaskLogs(2));
    } finally {
      await bringTableBack();
    }
    await logs.insertTaskLogs('gone', makeTaskLogs(1_500));
    expect(await logs.deleteTaskLogs('gone')).toBe(1_500);
    await spool.drain();
    expect([await readAll('gone'), (await readAll('stays')).length]).toEqual([[], 2]);
  });

  describe('of a task that only files of an old installation know', () => {
    const line = (fields: object) => `${JSON.stringify(fields)}\n`;

    beforeAll(() => {
      writeFileSync(
        join(legacyDir, 'Flames_filed_predicted.jsonl'),
        '\uFEFF' +
          line({ dimension: 'Virtue', prompt: '甲', response: '乙', predicted: 2 }) +
          'broken\n' +
          line({ dimension: 'Safety', prompt: '丙', response: 'Error: 500', predicted: 1 }),
      );
    });

    const expected = [
      makeTaskLog({ dimension: 'Safety', prompt: '丙', response: 'Error: 500', predicted: null }),
      makeTaskLog({ dimension: 'Morality', prompt: '甲', response: '乙', predicted: 2 }),
    ];

    it('are read from there', async () => {
      expect(await logs.getTaskLogs('filed')).toEqual({ logs: expected, source: 'file' });
      expect(await readAll('filed')).toEqual([...expected].reverse());
    });

    it('are read from there when the table is away, and nobody is told of none where there is no file', async () => {
      await takeTableAway();
      try {
        expect(await logs.getTaskLogs('filed')).toEqual({ logs: expected, source: 'file' });
        expect(await readAll('filed')).toHaveLength(2);
        await expect(logs.getTaskLogs('once')).rejects.toThrow('none is lost');
        await expect(readAll('once')).rejects.toThrow('none is lost');
      } finally {
        await bringTableBack();
      }
    });

    it('are looked for in that folder alone', async () => {
      for (const taskId of ['../filed', 'a/b', '.', '']) expect((await logs.getTaskLogs(taskId)).logs).toEqual([]);
    });
  });
});
