import { jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { JobRunsRepository } from '../../../src/admin/index.js';
import { ClientWorkflowsService } from '../../../src/client/index.js';
import type { Database } from '../../../src/database/index.js';
import { ClientDataRetentionJob } from '../../../src/jobs/client-data-retention.job.js';
import { ForgottenTasksJob } from '../../../src/jobs/forgotten-tasks.job.js';
import type { Job } from '../../../src/jobs/job.js';
import { UploadRetentionJob } from '../../../src/jobs/upload-retention.job.js';
import { BlobsRepository, TaskStatisticsService } from '../../../src/shared/index.js';
import { Reconciler } from '../../../src/sync/reconciler.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import type { Step } from '../../support/converge/history.js';
import { relayAll } from '../../support/converge/relays.js';
import { TwoSides } from '../../support/converge/two-sides.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const lifeOf = (task: number): Step[] => [
  { do: 'submit', task },
  { do: 'claim', task },
  { do: 'complete', task, pick: 0, files: 2 },
];
const CLIENT_TABLES = ['client_tasks', 'client_task_parameters', 'client_task_results', 'webhook_deliveries'];
const SHARED_TABLES = [
  ...['global_tasks', 'global_task_parameters', 'global_task_results', 'global_files', 'node_task_assignments'],
];

describe("retention of users' data (real: MariaDB, all services, the relays)", () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let sides: TwoSides;
  /** When the statistics last counted; nothing is removed before. */
  let counted: jest.SpiedFunction<TaskStatisticsService['countedUntil']>;
  /** When jobs last ran, a day ago or more: what shows that the clock has not jumped. */
  let ran: jest.SpiedFunction<JobRunsRepository['findLastDone']>;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    await app.get(ClientWorkflowsService).storeVersions([makePublishedWorkflow()]);
    sides = await TwoSides.open(app);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    await sides.begin(1_000);
    for (const table of ['webhook_deliveries', 'client_uploads']) await sides.client.run(`DELETE FROM ${table}`);
    const runs = app.get(JobRunsRepository, { strict: false });
    ran = jest.spyOn(runs, 'findLastDone').mockResolvedValue(new Date());
    counted = jest.spyOn(app.get(TaskStatisticsService, { strict: false }), 'countedUntil');
    counted.mockResolvedValue(new Date());
  });
  afterEach(() => jest.restoreAllMocks());

  const runJob = (job: abstract new (...args: never[]) => Job, signal = new AbortController().signal) =>
    app.get<Job>(job, { strict: false }).run({ signal, dueAt: new Date(), options: {} });
  /** Removal on the users' side, its relay, removal on the queue's side. */
  async function retain() {
    const result = await runJob(ClientDataRetentionJob);
    await relayAll(sides);
    await runJob(ForgottenTasksJob);
    return result;
  }
  async function live(steps: Step[]): Promise<void> {
    for (const step of steps) {
      await sides.take(step);
      await relayAll(sides);
    }
  }
  /** As if the task had been made and ended so many days ago. */
  async function age(task: number, days: number): Promise<void> {
    const earlier = (column: string) => `${column} = ${column} - INTERVAL ${days} DAY`;
    const columns = ['created_at', 'completed_at', 'updated_at'].map(earlier).join(', ');
    await sides.client.run(`UPDATE client_tasks SET ${columns} WHERE task_id = ?`, [sides.taskIds[task]]);
    await sides.shared.run(`UPDATE global_tasks SET ${columns} WHERE task_id = ?`, [sides.taskIds[task]]);
  }
  async function counts(): Promise<Record<string, number>> {
    const of = async (database: Database, table: string) => {
      const [row] = await database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${table}`);
      return [table, Number(row!.n)] as const;
    };
    const all = [
      ...CLIENT_TABLES.map((table) => of(sides.client, table)),
      ...SHARED_TABLES.map((table) => of(sides.shared, table)),
    ];
    return Object.fromEntries(await Promise.all(all));
  }
  const statusesOf = (database: Database, table: string) =>
    database
      .rows<{ status: string }>(`SELECT status FROM ${table} ORDER BY id`)
      .then((rows) => rows.map((row) => row.status));

  it('removes what is 30 days over with all that belongs to it, on both sides, and nothing else', async () => {
    await live(lifeOf(0));
    await sides.client.run(
      `INSERT INTO webhook_deliveries (delivery_id, client_id, task_id, event, url, payload) SELECT UUID(), client_id, task_id, 'x', 'u', '{}' FROM client_tasks`,
    );
    await age(0, 31);
    const one = await counts();
    await live(lifeOf(1));
    await age(1, 29);
    const both = await counts();

    expect(await retain()).toMatchObject({ removed: 1 });

    const left = await counts();
    for (const table of [...CLIENT_TABLES, ...SHARED_TABLES]) {
      expect([table, left[table]]).toEqual([table, both[table]! - one[table]!]);
      expect(one[table]).toBeGreaterThan(0);
    }
  });

  it('lets the sweep take the bytes of what is gone, after the time that they stay unreferenced', async () => {
    await live(lifeOf(0));
    await age(0, 31);
    await sides.shared.run('UPDATE blobs SET pinned_until = UTC_TIMESTAMP(3) - INTERVAL 1 DAY');
    const sweepableIn = (hours: number) =>
      app.get(BlobsRepository).listSweepable(new Date(Date.now() + hours * 3_600_000), '', 10);
    expect(await sweepableIn(100)).toEqual([]);
    await retain();
    expect(await sweepableIn(23)).toEqual([]);
    expect(await sweepableIn(25)).toHaveLength(1);
    await sides.shared.run('UPDATE blobs SET pinned_until = UTC_TIMESTAMP(3) + INTERVAL 1 YEAR');
  });

  it('I5 I7 is no loss to the reconciler, and nothing is brought back', async () => {
    await live([...lifeOf(0), ...lifeOf(1)]);
    await age(0, 31);
    const reconcile = async () => (await app.get(Reconciler, { strict: false }).reconcile()).found;
    const none = { missing: 0, orphaned: 0, wish_behind: 0, copy_behind: 0, copy_ahead: 0, content: 0 };

    await runJob(ClientDataRetentionJob);
    expect(await reconcile()).toEqual(none);
    await relayAll(sides);
    expect(await reconcile()).toEqual(none);
    await runJob(ForgottenTasksJob);
    expect(await reconcile()).toEqual(none);
    await relayAll(sides);
    expect(await statusesOf(sides.client, 'client_tasks')).toEqual(['completed']);
    expect(await statusesOf(sides.shared, 'global_tasks')).toEqual(['completed']);
  });

  it.each(['a second delivery after the rows are gone', 'a queue that has lost the task'])(
    'I5 runs nothing again on %s',
    async (how) => {
      await live(lifeOf(0));
      await age(0, 31);
      if (how.startsWith('a queue')) await sides.shared.run('DELETE FROM global_tasks');
      await retain();
      await sides.client.run(
        `UPDATE outbox SET published_at = NULL WHERE JSON_VALUE(payload, '$.forgottenAt') IS NOT NULL`,
      );
      await relayAll(sides);
      expect(await statusesOf(sides.shared, 'global_tasks')).toEqual(['cancelled']);
      expect(await statusesOf(sides.client, 'client_tasks')).toEqual([]);
      await age(0, 31);
      await retain();
      expect(await statusesOf(sides.shared, 'global_tasks')).toEqual([]);
    },
  );

  it('keeps what is not over, however old', async () => {
    await live([
      { do: 'submit', task: 0 },
      { do: 'submit', task: 1 },
      { do: 'claim', task: 1 },
    ]);
    for (const task of [0, 1]) await age(task, 100);
    expect(await retain()).toMatchObject({ removed: 0 });
    expect(await statusesOf(sides.client, 'client_tasks')).toEqual(['queued', 'processing']);
  });

  it.each(['client', 'shared'] as const)('keeps what has an event of %s under way or parked', async (side) => {
    await live(lifeOf(0));
    await age(0, 31);
    await sides[side].run('UPDATE outbox SET published_at = NULL, parked_at = UTC_TIMESTAMP(3) ORDER BY id LIMIT 1');
    expect(await runJob(ClientDataRetentionJob)).toMatchObject({ removed: 0 });
    await sides[side].run('UPDATE outbox SET published_at = UTC_TIMESTAMP(3), parked_at = NULL');
    expect(await runJob(ClientDataRetentionJob)).toMatchObject({ removed: 1 });
  });

  it('keeps the ledger: what was charged stays charged', async () => {
    await live(lifeOf(0));
    await age(0, 31);
    await retain();
    expect(await sides.client.rows('SELECT kind FROM quota_ledger')).toEqual([{ kind: 'charge' }]);
  });

  it('keeps what the statistics have not counted', async () => {
    await live(lifeOf(0));
    await age(0, 35);
    counted.mockResolvedValue(undefined);
    expect(await runJob(ClientDataRetentionJob)).toMatchObject({ removed: 0, reason: expect.any(String) });
    counted.mockResolvedValue(new Date(Date.now() - 36 * 86_400_000));
    expect(await runJob(ClientDataRetentionJob)).toMatchObject({ removed: 0 });
    counted.mockResolvedValue(new Date());
    expect(await runJob(ClientDataRetentionJob)).toMatchObject({ removed: 1 });
  });

  it('I9 removes nothing more after a jump of the one clock that there is', async () => {
    await live(lifeOf(0));
    await age(0, 31);
    for (const lastRun of [undefined, new Date(Date.now() - 20 * 86_400_000)]) {
      ran.mockResolvedValue(lastRun);
      expect(await retain()).toMatchObject({ removed: 0 });
    }
    ran.mockResolvedValue(new Date(Date.now() - 25 * 3_600_000));
    expect(await retain()).toMatchObject({ removed: 1 });
  });

  it('I9 removes nothing where the clocks of application and database disagree', async () => {
    await live(lifeOf(0));
    await age(0, 31);
    const clock = jest.spyOn(app.get(JobRunsRepository, { strict: false }), 'readClock');
    clock.mockResolvedValue(new Date(Date.now() - 6 * 60_000));
    for (const job of [ClientDataRetentionJob, ForgottenTasksJob, UploadRetentionJob]) {
      await expect(runJob(job)).rejects.toThrow(/clocks .* differ by 6 minutes/);
    }
    expect(await statusesOf(sides.client, 'client_tasks')).toEqual(['completed']);
  });

  it('goes in small steps, stops between two of them, and goes on where it was', async () => {
    const ids = Array.from({ length: 450 }, () => crypto.randomUUID());
    await sides.client.run(
      'INSERT INTO client_tasks (task_id, client_id, task_type, workflow_name, status, created_at, completed_at) VALUES ?',
      [
        ids.map((id) => [
          id,
          sides.user.clientId,
          'text_to_image',
          'sd_basic',
          'failed',
          new Date('2026-01-01'),
          new Date('2026-01-02'),
        ]),
      ],
    );
    const stop = new AbortController();
    const writes = jest.spyOn(sides.client, 'transaction').mockImplementationOnce((work) => {
      stop.abort();
      return sides.client.transaction(work);
    });
    expect(await runJob(ClientDataRetentionJob, stop.signal)).toMatchObject({ removed: 200 });
    writes.mockRestore();
    expect(await runJob(ClientDataRetentionJob)).toMatchObject({ removed: 250 });
    expect(await statusesOf(sides.client, 'client_tasks')).toEqual([]);
  });

  describe('of uploads', () => {
    async function upload(hours: number): Promise<string> {
      const id = crypto.randomUUID();
      const [path, hash] = [`2026/11/${id}.png`, id.replaceAll('-', '').repeat(2)];
      await sides.client.run(
        `INSERT INTO client_uploads (upload_id, file_id, client_id, original_name, file_path, file_size, mime_type, file_hash, created_at)
         VALUES (?, ?, ?, 'a', ?, 1, 'image/png', ?, UTC_TIMESTAMP(3) - INTERVAL ${hours} HOUR)`,
        [id, id, sides.user.clientId, path, hash],
      );
      await sides.shared.run(
        `INSERT INTO global_files (file_id, source_type, original_name, file_name, file_path, file_size, mime_type, file_hash, file_type)
         VALUES (?, 'client', 'a', 'a', 'p', 1, 'image/png', ?, 'image')`,
        [id, hash],
      );
      return id;
    }
    const use = (id: string) =>
      sides.client.run(
        `INSERT INTO client_task_parameters (task_id, parameter_name, parameter_value, file_hash)
         SELECT t.id, 'image', JSON_QUOTE(u.file_path), u.file_hash FROM client_tasks t JOIN client_uploads u WHERE u.file_id = ?`,
        [id],
      );
    const left = async () => {
      const uploads = await sides.client.rows<{ id: string }>(
        'SELECT file_id AS id FROM client_uploads u ORDER BY u.id',
      );
      const files = await sides.shared.rows<{ id: string }>(
        "SELECT file_id AS id FROM global_files WHERE original_name = 'a' ORDER BY global_files.id",
      );
      expect(files).toEqual(uploads);
      return uploads.map(({ id }) => id);
    };

    it('removes those that no task needs after a day, and those of tasks that are gone', async () => {
      await live([{ do: 'submit', task: 0 }]);
      const [unused, fresh, used] = [await upload(25), await upload(23), await upload(25)];
      await use(used);
      expect(await runJob(UploadRetentionJob)).toEqual({ removed: 1 });
      expect(await left()).toEqual([fresh, used]);
      expect(await left()).not.toContain(unused);
      await sides.client.run('DELETE FROM client_tasks');
      expect(await runJob(UploadRetentionJob)).toEqual({ removed: 1 });
      expect(await left()).toEqual([fresh]);
    });
  });
});
