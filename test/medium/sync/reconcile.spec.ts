import { jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NodesService } from '../../../src/admin/index.js';
import { ClientTaskDigestsService, ClientWorkflowsService } from '../../../src/client/index.js';
import { newId, UnavailableError } from '../../../src/common/index.js';
import { ClaimsService, TaskDigestsService, TaskWishesService } from '../../../src/shared/index.js';
import { Reconciler } from '../../../src/sync/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import type { Step } from '../../support/converge/history.js';
import { CLAIM, COMPLETE, DAMAGES, SHARED_BACK_TO_PROCESSING, SUBMIT } from '../../support/converge/damages.js';
import { readTwins } from '../../support/converge/observer.js';
import { relayAll } from '../../support/converge/relays.js';
import { TwoSides } from '../../support/converge/two-sides.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

describe('Reconciler (real: two databases of one MariaDB, all services, the relays)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let sides: TwoSides;
  let reconciler: Reconciler;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    await app.get(ClientWorkflowsService).storeVersions([makePublishedWorkflow()]);
    sides = await TwoSides.open(app);
    reconciler = app.get(Reconciler);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(() => sides.begin(1_000));
  afterEach(() => jest.restoreAllMocks());

  async function live(steps: Step[]): Promise<void> {
    for (const step of steps) {
      await sides.take(step);
      await relayAll(sides);
    }
  }

  /** Makes every row as old as it would be an hour from now. */
  async function letAnHourPass(): Promise<void> {
    await sides.client.run('UPDATE client_tasks SET updated_at = updated_at - INTERVAL 1 HOUR');
    await sides.shared.run('UPDATE global_tasks SET updated_at = updated_at - INTERVAL 1 HOUR');
  }

  async function countEvents(): Promise<number> {
    const counts = await Promise.all(
      [sides.client, sides.shared].map((database) => database.rows<{ n: string }>('SELECT COUNT(*) AS n FROM outbox')),
    );
    return counts.flat().reduce((sum, { n }) => sum + Number(n), 0);
  }

  async function reconcileLater(): Promise<Record<string, number>> {
    await letAnHourPass();
    const { found, left } = await reconciler.reconcile();
    await relayAll(sides);
    return Object.fromEntries(Object.entries({ ...found, left }).filter(([, count]) => count > 0));
  }

  it.each(DAMAGES)('I7 brings both sides in step after $title', async ({ steps, unrelayed, found, end, ...damage }) => {
    await live(steps);
    if (unrelayed) await sides.take(unrelayed);
    for (const sql of damage.client ?? []) expect(await sides.client.run(sql)).toBeGreaterThan(0);
    for (const sql of damage.shared ?? []) expect(await sides.shared.run(sql)).toBeGreaterThan(0);

    expect(await reconcileLater()).toEqual(found);

    const copies = await readTwins(sides.client, 'client');
    expect(copies).toEqual([expect.objectContaining(end)]);
    expect(await readTwins(sides.shared, 'shared')).toEqual(copies);
    expect(await reconcileLater()).toEqual({});
  });

  it('I7 runs nothing again that its user saw completed before the queue lost it altogether', async () => {
    await live([SUBMIT, CLAIM, COMPLETE]);
    const [before] = await readTwins(sides.client, 'client');
    await sides.shared.run('DELETE FROM global_tasks');
    const events = await countEvents();
    expect(await reconcileLater()).toEqual({ orphaned: 1 });
    expect(await readTwins(sides.client, 'client')).toEqual([before]);
    expect(await readTwins(sides.shared, 'shared')).toEqual([]);
    expect(await countEvents()).toBe(events);
  });

  it('I7 leaves rows alone that changed lately on either side', async () => {
    await live([SUBMIT, CLAIM, COMPLETE]);
    await letAnHourPass();
    await sides.shared.run(SHARED_BACK_TO_PROCESSING);
    const before = await countEvents();
    expect(await reconciler.reconcile()).toMatchObject({ compared: 1, left: 1, found: { copy_ahead: 0 } });

    await letAnHourPass();
    await sides.client.run('UPDATE client_tasks SET attempt_count = 2');
    expect(await reconciler.reconcile()).toMatchObject({ compared: 1, left: 1, found: { copy_ahead: 0 } });
    expect(await countEvents()).toBe(before);
  });

  it('I7 counts as lately what is younger than twice the delay of the relays', async () => {
    await live([SUBMIT, CLAIM, COMPLETE]);
    await sides.shared.run(SHARED_BACK_TO_PROCESSING);
    await letAnHourPass();
    await sides.take({ do: 'submit', task: 1 });
    await sides.client.run('UPDATE outbox SET created_at = created_at - INTERVAL 31 MINUTE WHERE published_at IS NULL');
    expect(await reconciler.reconcile()).toMatchObject({ left: 2, found: { copy_ahead: 0 } });
    await sides.client.run('UPDATE outbox SET created_at = created_at + INTERVAL 3 MINUTE WHERE published_at IS NULL');
    expect(await reconciler.reconcile()).toMatchObject({ left: 1, found: { copy_ahead: 1 } });
  });

  it.each([
    ['wish under way', 'client', 'UPDATE outbox SET published_at = NULL'],
    ['state under way', 'shared', 'UPDATE outbox SET published_at = NULL'],
    ['parked wish', 'client', 'UPDATE outbox SET published_at = NULL, parked_at = created_at'],
    ['parked state', 'shared', 'UPDATE outbox SET published_at = NULL, parked_at = created_at'],
  ] as const)('I7 leaves a task alone that has a %s', async (_what, side, sql) => {
    await live([SUBMIT, CLAIM]);
    await sides.client.run('UPDATE client_tasks SET attempt_count = 2');
    await letAnHourPass();
    await sides[side].run(sql);
    const before = await countEvents();
    expect(await reconciler.reconcile()).toMatchObject({ left: 1, found: { content: 0 } });
    expect(await countEvents()).toBe(before);
  });

  it.each([
    ['that retention removed from the copies', 'client', 'DELETE FROM client_tasks'],
    ['that was rejected', 'client', `UPDATE client_tasks SET status = 'failed', error_code = 'SYNC_REJECTED'`],
    ['that its owner forgot', 'shared', `UPDATE global_tasks SET forgotten_at = created_at, status = 'failed'`],
  ] as const)('I5 I7 says nothing of a task %s', async (_which, side, sql) => {
    await live([SUBMIT, CLAIM]);
    await sides[side].run(sql);
    await letAnHourPass();
    const before = await countEvents();
    expect(await reconcileLater()).toEqual({});
    expect(await countEvents()).toBe(before);
  });

  /** So many tasks that are the same on both sides. */
  async function makeCrowd(size: number): Promise<string[]> {
    const ids = Array.from({ length: size }, () => newId()).sort();
    const { clientId } = sides.user;
    await sides.client.run('INSERT INTO client_tasks (task_id, client_id, task_type, workflow_name) VALUES ?', [
      ids.map((id) => [id, clientId, 'text_to_image', 'crowd']),
    ]);
    await sides.shared.run(
      'INSERT INTO global_tasks (task_id, source_type, source_user_id, task_type, workflow_name) VALUES ?',
      [ids.map((id) => [id, 'client', clientId, 'text_to_image', 'crowd'])],
    );
    await letAnHourPass();
    return ids;
  }

  it('I7 reads of a crowd on which both sides agree nothing but sums', async () => {
    await makeCrowd(5_000);
    const copies = app.get(ClientTaskDigestsService);
    const [sums, pages] = [jest.spyOn(copies, 'digestRange'), jest.spyOn(copies, 'list')];

    expect(await reconciler.reconcile()).toMatchObject({ compared: 5_000, left: 0 });

    expect(await countEvents()).toBe(0);
    expect([sums.mock.calls.length, pages.mock.calls.length]).toEqual([3, 0]);
  });

  it('I7 reads a crowd in which two tasks changed alike, task by task only where these are', async () => {
    const ids = await makeCrowd(5_000);
    const lost = [ids[2_500]!, ids[2_600]!];
    await sides.shared.run(`UPDATE global_tasks SET status = 'failed', state_version = 1 WHERE task_id IN (?)`, [lost]);
    await letAnHourPass();
    const pages = jest.spyOn(app.get(ClientTaskDigestsService), 'list');

    expect(await reconciler.reconcile()).toMatchObject({ compared: 5_000, found: { copy_behind: 2 } });

    expect(new Set(pages.mock.calls.map(([{ upTo }]) => upTo))).toEqual(new Set([ids[3_999]]));
    const [[, limit]] = pages.mock.calls as [[object, number, number]];
    expect(limit).toBeLessThanOrEqual(500);
  });

  it('I7 goes on behind the range where a pass broke off, and comes to that one in the next', async () => {
    await makeCrowd(5_000);
    const sums = jest.spyOn(app.get(TaskDigestsService), 'digestRange');
    sums.mockRejectedValueOnce(new UnavailableError('the database is away', 'DATABASE_UNAVAILABLE'));
    await expect(reconciler.reconcile()).rejects.toThrow('away');
    sums.mockRestore();
    expect(await reconciler.reconcile()).toMatchObject({ compared: 3_000 });
    expect(await reconciler.reconcile()).toMatchObject({ compared: 5_000 });
  });

  it('I7 compares all others beside a range that cannot be brought in step', async () => {
    await makeCrowd(5_000);
    const sums = jest.spyOn(app.get(TaskDigestsService), 'digestRange');
    sums.mockRejectedValueOnce(new Error('an event of these cannot be written'));
    expect(await reconciler.reconcile()).toMatchObject({ compared: 3_000 });
    expect(await reconciler.reconcile()).toMatchObject({ compared: 5_000 });
  });

  it('I11 tells of attempts on nodes that are gone or that nobody drives, and of tasks that run nowhere', async () => {
    const nodes = app.get(NodesService);
    await nodes.add({ url: 'http://10.0.0.5:8188', nodeId: 'undriven' });
    const tasks = [makeTaskWish(), makeTaskWish(), makeTaskWish()];
    await app.get(TaskWishesService).apply(tasks);
    const claims = tasks.map(({ taskId }, index) => ({
      ...{ taskId, runNo: 1, slot: 0, reason: 'test' },
      nodeId: ['gone', 'undriven', 'driven'][index]!,
    }));
    await app.get(ClaimsService).claimAll(claims);
    await nodes.add({ url: 'http://10.0.0.6:8188', nodeId: 'driven' });
    await sides.shared.run(`INSERT INTO leases (name, owner, token) VALUES ('node:driven', UUID(), 1)`);
    expect((await reconciler.reconcile()).abandoned).toEqual({ gone: 0, ownerless: 0, unbound: 0 });

    await sides.shared.run('UPDATE node_task_assignments SET assigned_at = assigned_at - INTERVAL 1 HOUR');
    expect((await reconciler.reconcile()).abandoned).toEqual({ gone: 1, ownerless: 1, unbound: 0 });

    await sides.shared.run('UPDATE leases SET updated_at = updated_at - INTERVAL 1 HOUR');
    expect((await reconciler.reconcile()).abandoned).toEqual({ gone: 1, ownerless: 2, unbound: 0 });

    await sides.shared.run(
      `UPDATE node_task_assignments SET status = 'failed', slot = NULL, open_task_id = NULL WHERE node_id = 'gone'`,
    );
    await letAnHourPass();
    expect((await reconciler.reconcile()).abandoned).toEqual({ gone: 0, ownerless: 2, unbound: 1 });
  });
});
