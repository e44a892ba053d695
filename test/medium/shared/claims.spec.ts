import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, LeaseKeeper, type Database } from '../../../src/database/index.js';
import { ClaimsService, TaskWishesService, type PlannedClaim } from '../../../src/shared/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

interface Bound {
  task_id: string;
  current_assignment_id: string;
  assignment_id: string;
  attempt_no: number;
  node_id: string;
  task_node_id: string;
  slot: number;
  reason: string;
  lease_token: string;
  owner_id: string | null;
}

describe('many claims at once (real: MariaDB and the services of shared; nodes are names)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let database: Database;
  let claims: ClaimsService;

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    database = app.get<Database>(databaseToken('shared'), { strict: false });
    claims = app.get(ClaimsService);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    for (const table of ['global_tasks', 'outbox', 'leases']) await database.run(`DELETE FROM ${table}`);
  });

  /** Queues so many tasks, and plans each for a slot of its own. */
  async function plan(count: number): Promise<PlannedClaim[]> {
    const wishes = Array.from({ length: count }, () => makeTaskWish());
    await app.get(TaskWishesService).apply(wishes);
    return wishes.map(({ taskId }, index) => {
      return { taskId, runNo: 1, nodeId: `n${index}`, slot: index % 2, reason: `because of ${index}` };
    });
  }

  /** Open attempts beside their tasks. */
  const listBound = () =>
    database.rows<Bound>(
      `SELECT t.task_id, t.current_assignment_id, t.node_id AS task_node_id, a.assignment_id, a.attempt_no, a.node_id,
              a.slot, a.reason, a.lease_token, a.owner_id
       FROM node_task_assignments a JOIN global_tasks t ON t.id = a.open_task_id AND t.status = 'processing'
       ORDER BY t.id`,
    );

  it('I10 gives each task its own node, slot, reason and fence, and announces it once', async () => {
    const planned = await plan(120);
    const leases = app.get(LeaseKeeper);
    const lease = await leases.tryAcquire('node:n7');
    expect(await claims.claimAll(planned)).toBe(120);
    const bound = await listBound();
    const wanted = planned.map(({ taskId, nodeId, slot, reason }) => {
      return { task_id: taskId, node_id: nodeId, task_node_id: nodeId, slot, reason, attempt_no: 1 };
    });
    expect(bound).toHaveLength(120);
    expect(bound).toEqual(expect.arrayContaining(wanted.map((row) => expect.objectContaining(row) as unknown)));
    for (const row of bound) expect(row.assignment_id).toBe(row.current_assignment_id);
    const owned = bound.filter((row) => row.owner_id !== null);
    expect(owned).toMatchObject([{ node_id: 'n7', owner_id: leases.ownerId, lease_token: String(lease!.token) }]);
    const events = await database.rows<{ aggregate_id: string; state_version: number }>(
      `SELECT aggregate_id, state_version FROM outbox WHERE topic = 'task.changed'`,
    );
    expect(events.map((event) => event.aggregate_id).sort()).toEqual(planned.map(({ taskId }) => taskId).sort());
    expect(new Set(events.map((event) => event.state_version))).toEqual(new Set([1]));
  });

  it('I10 loses no claim because of another that finds its slot taken', async () => {
    const [first, ...others] = await plan(20);
    expect(await claims.claimAll([first!])).toBe(1);
    const taken = { nodeId: first!.nodeId, slot: first!.slot };
    const planned = others.map((claim, index) => (index % 7 === 3 ? { ...claim, ...taken } : claim));
    expect(await claims.claimAll(planned)).toBe(16);
    const waiting = planned.filter(({ nodeId }) => nodeId === first!.nodeId).map(({ taskId }) => taskId);
    const queued = await database.rows<{ task_id: string; attempt_count: number; state_version: number }>(
      `SELECT task_id, attempt_count, state_version FROM global_tasks WHERE status = 'queued' ORDER BY id`,
    );
    expect(queued).toEqual(waiting.map((task_id) => ({ task_id, attempt_count: 0, state_version: 0 })));
  });

  it('I4 claims all but the one whose cancel is wished, and those of a run that is over', async () => {
    const planned = await plan(30);
    const [cancelled, older] = [planned[4]!, planned[9]!];
    await database.run('UPDATE global_tasks SET cancel_run = 1 WHERE task_id = ?', [cancelled.taskId]);
    await database.run('UPDATE global_tasks SET run_no = 2 WHERE task_id = ?', [older.taskId]);
    expect(await claims.claimAll(planned)).toBe(28);
    const bound = (await listBound()).map((row) => row.task_id);
    expect(bound).not.toContain(cancelled.taskId);
    expect(bound).not.toContain(older.taskId);
  });

  it('I10 shares the queue between three schedulers whose plans differ in order and slots', async () => {
    const planned = await plan(90);
    // Each of its slots is that of the next task in the others.
    const moved = planned.map((claim, index) => {
      const { nodeId, slot } = planned[(index + 1) % 90]!;
      return { ...claim, nodeId, slot };
    });
    const won = await Promise.all([planned, [...planned].reverse(), moved].map((each) => claims.claimAll(each)));
    const bound = await listBound();
    expect(won.reduce((sum, each) => sum + each)).toBe(bound.length);
    expect(bound.length).toBeGreaterThanOrEqual(45);
    expect(new Set(bound.map((row) => row.task_id)).size).toBe(bound.length);
    expect(new Set(bound.map((row) => `${row.node_id}/${row.slot}`)).size).toBe(bound.length);
    for (const row of bound) expect(row.assignment_id).toBe(row.current_assignment_id);
    const open = await database.rows('SELECT id FROM node_task_assignments');
    expect(open).toHaveLength(bound.length);
  });

  it('I3 fails several tasks at once, each with its own reason', async () => {
    const planned = await plan(3);
    await claims.failAll(planned.map(({ taskId, runNo, reason }) => ({ taskId, runNo, reason })));
    const rows = await database.rows<{ status: string; state_version: number; error_message: string }>(
      'SELECT status, state_version, error_message FROM global_tasks ORDER BY id',
    );
    expect(rows).toEqual(planned.map(({ reason }) => ({ status: 'failed', state_version: 1, error_message: reason })));
  });
});
