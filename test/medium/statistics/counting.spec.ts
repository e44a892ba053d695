import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { ForgottenTasksService, StatisticsService, TaskStatisticsService } from '../../../src/shared/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const HOUR_MS = 3_600_000;
const OVERRIDES = { retention: { clientDataDays: 10 } };

describe('counting of tasks (real: MariaDB, all services)', () => {
  const signal = new AbortController().signal;
  const hour = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
  /** So many hours ago, a while into that hour. */
  const ago = (hours: number, ms = 60_000) => new Date(hour.getTime() - hours * HOUR_MS + ms);
  let server: ScratchServer;
  let app: INestApplicationContext;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server, OVERRIDES);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    const tables = ['global_tasks', 'hourly_statistics', 'daily_statistics', 'user_statistics', 'statistics_marks'];
    for (const table of tables) await database().run(`DELETE FROM ${table}`);
  });

  const database = () => app.get<Database>(databaseToken('shared'), { strict: false });
  const service = () => app.get(StatisticsService, { strict: false });
  const countRecent = () => service().countRecent(signal);
  let made = 0;

  async function insert(task: Record<string, string | number | Date | null>): Promise<void> {
    const row = {
      task_id: `t-${(made += 1)}`,
      source_type: 'client',
      source_user_id: 'u-1',
      task_type: 'text_to_image',
      workflow_name: 'sd_basic',
      status: 'queued',
      ...task,
    };
    await database().run(
      `INSERT INTO global_tasks (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
        .map(() => '?')
        .join(', ')})`,
      Object.values(row),
    );
  }

  const completed = (createdAt: Date, waitMs: number, runMs: number) => ({
    status: 'completed',
    node_id: 'gpu-1',
    created_at: createdAt,
    queued_at: createdAt,
    started_at: new Date(createdAt.getTime() + waitMs),
    completed_at: new Date(createdAt.getTime() + waitMs + runMs),
  });

  const listHours = () =>
    database().rows<Record<string, unknown>>(
      `SELECT stat_hour AS hour, workflow_name AS workflow, node_id AS node, submitted, completed, failed, cancelled,
         wait_ms_total AS waitMs, run_ms_total AS runMs FROM hourly_statistics ORDER BY stat_hour, workflow_name, node_id`,
    );

  it('puts a task into the hour of its submit, and its end into the hour and the node of its end', async () => {
    await insert(completed(ago(5, 3_590_000), 20_000, 30_000));
    await countRecent();
    const none = { failed: 0, cancelled: 0 };
    expect(await listHours()).toEqual([
      { hour: ago(5, 0), workflow: 'sd_basic', node: '', submitted: 1, completed: 0, ...none, waitMs: '0', runMs: '0' },
      {
        ...{ hour: ago(4, 0), workflow: 'sd_basic', node: 'gpu-1', submitted: 0, completed: 1, ...none },
        ...{ waitMs: '20000', runMs: '30000' },
      },
    ]);
  });

  it('takes the moment of an hour itself to that hour, and leaves out the hour that is not over', async () => {
    await insert({ created_at: ago(2, 0) });
    await insert({ created_at: ago(1, -1) });
    await insert({ created_at: ago(0, 0) });
    await countRecent();
    expect(await listHours()).toMatchObject([{ hour: ago(2, 0), submitted: 2 }]);
    expect(await app.get(TaskStatisticsService, { strict: false }).countedUntil()).toEqual(hour);
  });

  it('measures completed tasks alone, never less than nothing, and none that is not known to have started', async () => {
    await insert(completed(ago(3), -5_000, 1_000));
    await insert({ ...completed(ago(3), 1_000, 1_000), started_at: null });
    await insert({ ...completed(ago(3), 1_000, 700_000), status: 'failed' });
    await insert({ ...completed(ago(3), 1_000, 1_000), status: 'cancelled', node_id: null });
    await countRecent();
    expect((await listHours()).slice(1)).toMatchObject([
      { node: 'gpu-1', completed: 2, failed: 1, waitMs: '0', runMs: '1000' },
    ]);
    expect((await listHours())[0]).toMatchObject({ node: '', submitted: 4, cancelled: 1 });
  });

  it('measures the wait of a task that was run again from then on', async () => {
    await insert({ ...completed(ago(3), 8_000, 1_000), created_at: ago(20) });
    await countRecent();
    expect((await listHours()).at(-1)).toMatchObject({ completed: 1, waitMs: '8000' });
  });

  it('holds names apart that differ in case alone', async () => {
    await insert({ created_at: ago(3), workflow_name: 'flux' });
    await insert({ created_at: ago(3), workflow_name: 'FLUX' });
    await countRecent();
    expect(await listHours()).toMatchObject([
      { workflow: 'FLUX', submitted: 1 },
      { workflow: 'flux', submitted: 1 },
    ]);
  });

  it('takes names that differ in spaces at their end for one', async () => {
    await insert({ created_at: ago(3), workflow_name: 'flux' });
    await insert({ created_at: ago(3), workflow_name: 'flux ' });
    await countRecent();
    expect(await listHours()).toMatchObject([{ workflow: 'flux', submitted: 2 }]);
  });

  it('changes nothing the second time, and takes groups away that no task is in any more', async () => {
    await insert(completed(ago(3), 1_000, 1_000));
    await countRecent();
    const written = () => database().rows('SELECT id, updated_at FROM hourly_statistics ORDER BY id');
    const before = await written();
    await countRecent();
    expect(await written()).toEqual(before);
    await database().run(`UPDATE global_tasks SET node_id = 'gpu-2'`);
    await countRecent();
    expect((await listHours()).map(({ node }) => node)).toEqual(['', 'gpu-2']);
  });

  it('finds older hours into which tasks came late, and those that passed while nobody counted', async () => {
    await insert({ created_at: ago(50) });
    await countRecent();
    await insert({ created_at: ago(100) });
    expect(await countRecent()).toMatchObject({ late_hours: expect.any(Number) });
    expect(await listHours()).toMatchObject([{ hour: ago(100, 0) }, { hour: ago(50, 0) }]);
    await database().run(`UPDATE statistics_marks SET value = value - ? WHERE name = 'counted_until'`, [60 * HOUR_MS]);
    expect(await countRecent()).toMatchObject({ hours: expect.any(Number), from: expect.any(String) });
    await database().run(`UPDATE global_tasks SET status = 'failed', completed_at = ? WHERE created_at < ?`, [
      ago(40),
      ago(60),
    ]);
    await service().countRange({ from: ago(45), to: ago(30) }, signal);
    expect((await listHours()).at(-1)).toMatchObject({ hour: ago(40, 0), failed: 1 });
  });

  it('never counts hours anew whose tasks retention may have taken, also after it was made longer', async () => {
    const old = ago(8 * 24);
    await insert(completed(old, 1_000, 1_000));
    await countRecent();
    const before = await listHours();
    expect(before).toHaveLength(2);
    await database().run('DELETE FROM global_tasks');
    await service().closeHoursUntil(ago(7 * 24 + 1));
    await service().countRange({ from: ago(9 * 24), to: hour }, signal);
    expect(await listHours()).toEqual(before);
    await expect(service().countRange({ from: ago(9 * 24), to: ago(7 * 24 + 1) }, signal)).rejects.toMatchObject({
      kind: 'invalid_input',
      code: 'ROWS_REMOVED',
    });
  });

  it('counts at first all that there is, however short retention is', async () => {
    await insert(completed(ago(90 * 24), 1_000, 1_000));
    expect(await countRecent()).toMatchObject({ rows_whole_since: null });
    expect(await listHours()).toMatchObject([{ submitted: 1 }, { hour: ago(90 * 24, 0), completed: 1 }]);
  });

  it('keeps what it counted of tasks that are removed, whatever is counted again', async () => {
    await insert({ ...completed(ago(8 * 24), 1_000, 1_000), forgotten_at: hour });
    await countRecent();
    const before = await listHours();
    expect(before).toHaveLength(2);
    const removal = app.get(ForgottenTasksService, { strict: false });
    const nobody = () => Promise.resolve(new Set<string>());
    expect(await removal.removeSome(ago(7 * 24), undefined, nobody)).toMatchObject({ removed: 1 });
    await service().countRange({ from: ago(9 * 24), to: hour }, signal);
    await countRecent();
    expect(await listHours()).toEqual(before);
  });

  it('goes on from this hour where a clock that was ahead had closed those to come', async () => {
    await service().closeHoursUntil(ago(-500));
    expect(await countRecent()).toMatchObject({ rows_whole_since: hour.toISOString() });
    await insert({ created_at: ago(2) });
    await database().run(`UPDATE statistics_marks SET value = ? WHERE name = 'rows_whole_since'`, [
      ago(5, 0).getTime(),
    ]);
    await countRecent();
    expect(await listHours()).toMatchObject([{ hour: ago(2, 0), submitted: 1 }]);
  });

  it('stops between two hours when it is told to', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    await expect(service().countRecent(abort.signal)).rejects.toThrow('enough');
  });

  it('reads by the two indexes of times alone', async () => {
    for (let task = 0; task < 300; task += 1) await insert(completed(ago(task / 3), 1_000, 1_000));
    await database().rows('ANALYZE TABLE global_tasks');
    for (const column of ['created_at', 'completed_at']) {
      const [plan] = await database().rows<{ key: string; type: string }>(
        `EXPLAIN SELECT task_type, COUNT(*) FROM global_tasks WHERE ${column} >= ? AND ${column} < ? GROUP BY task_type`,
        [ago(3, 0), ago(2, 0)],
      );
      expect(plan).toMatchObject({ type: 'range', key: `ix_global_tasks_${column}` });
    }
  });
});
