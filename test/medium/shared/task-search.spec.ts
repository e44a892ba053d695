import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { TaskSearchService, type TaskFilter } from '../../../src/shared/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

/** More than are looked at where no index leads to what is asked for. */
const TASKS = 60_000;
const FILTERS: TaskFilter[] = [
  { status: 'failed' },
  { taskType: 'image_to_video' },
  { status: 'completed', taskType: 'image_to_video' },
  { status: 'completed', from: new Date('2026-10-01T01:00:00Z'), to: new Date('2026-10-01T01:10:00Z') },
];

describe('lists of all tasks (real: MariaDB)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let database: Database;
  let tasks: TaskSearchService;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    database = app.get<Database>(databaseToken('shared'), { strict: false });
    tasks = app.get(TaskSearchService, { strict: false });
    // The few that are asked for are the oldest, and some are of the same moment.
    await database.run(
      `INSERT INTO global_tasks (task_id, source_type, source_user_id, task_type, workflow_name, status, created_at)
       SELECT CONCAT('t-', seq), 'client', 'alice', IF(seq < 700, 'image_to_video', 'text_to_image'), 'w',
         IF(seq < 500, 'failed', 'completed'), '2026-10-01' + INTERVAL seq DIV 3 SECOND FROM seq_1_to_${TASKS}`,
    );
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  async function listAll(filter: TaskFilter): Promise<{ ids: string[]; total: number; searchedFrom: Date | null }> {
    const ids: string[] = [];
    for (;;) {
      const question = { filter, order: 'newest', limit: 100, offset: ids.length } as const;
      const { items, total, searchedFrom } = await tasks.find(question);
      ids.push(...items.map(({ taskId }) => taskId));
      if (items.length < 100) return { ids, total, searchedFrom };
    }
  }

  async function listPlainly({ status, taskType, from, to }: TaskFilter): Promise<string[]> {
    const rows = await database.rows<{ taskId: string }>(
      `SELECT task_id AS taskId FROM global_tasks
       WHERE (? IS NULL OR status = ?) AND (? IS NULL OR task_type = ?)
         AND created_at >= ? AND created_at < ? ORDER BY created_at DESC, id DESC`,
      [
        ...[status ?? null, status ?? null, taskType ?? null, taskType ?? null],
        ...[from ?? new Date(0), to ?? new Date('2027-01-01')],
      ],
    );
    return rows.map(({ taskId }) => taskId);
  }

  it.each(FILTERS)('by %j hold every task once, with the true total', async (filter) => {
    const plain = await listPlainly(filter);
    expect(plain.length).toBeGreaterThan(100);
    expect(await listAll(filter)).toEqual({ ids: plain, total: plain.length, searchedFrom: null });
  });

  it('go on behind a mark through all kinds', async () => {
    const filter = { taskType: 'image_to_video' } as const;
    const plain = await listPlainly(filter);
    const first = await tasks.find({ filter, order: 'newest', limit: 250, offset: 0 });
    const next = await tasks.find({ filter, order: 'newest', limit: 250, offset: 0, after: first.items.at(-1) });
    expect([...first.items, ...next.items].map(({ taskId }) => taskId)).toEqual(plain.slice(0, 500));
  });
});
