import type { INestApplicationContext } from '@nestjs/common';
import {
  AssignmentsRepository,
  PromptMarksRepository,
  BlobsRepository,
  ClaimsService,
  QueueRepository,
  SettlementsService,
  TaskWishesService,
  type HarvestedFile,
  type NodeFence,
  type OpenAssignment,
} from '../../../src/shared/index.js';
import { databaseToken, LeaseKeeper, type Database } from '../../../src/database/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const HASH = 'a'.repeat(64);
const FILE: HarvestedFile = {
  hash: HASH,
  sizeBytes: 3,
  fileName: 'x-0.png',
  mimeType: 'image/png',
  type: 'image',
  width: 64,
  height: 64,
  durationSeconds: null,
  origin: {},
};

const ENDED = { acceptedAt: new Date(), endedAt: new Date() };

describe('attempts (real: MariaDB and the services of shared; nodes are names)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let database: Database;
  let fence: NodeFence;

  const services = () => ({
    wishes: app.get(TaskWishesService),
    claims: app.get(ClaimsService),
    assignments: app.get(AssignmentsRepository),
    marks: app.get(PromptMarksRepository),
    settlements: app.get(SettlementsService),
    queue: app.get(QueueRepository),
  });

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    database = app.get<Database>(databaseToken('shared'), { strict: false });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    for (const table of ['global_tasks', 'outbox', 'leases', 'global_files', 'blobs'])
      await database.run(`DELETE FROM ${table}`);
    const leases = app.get(LeaseKeeper);
    const held = await leases.tryAcquire('node:a');
    await leases.release(held!);
    const lease = await leases.tryAcquire('node:a');
    fence = { nodeId: 'a', leaseToken: lease!.token, ownerId: leases.ownerId };
  });

  async function queueTask(given = {}): Promise<string> {
    const wish = makeTaskWish(given);
    await services().wishes.apply([wish]);
    return wish.taskId;
  }

  async function assignTask(given = {}, slot = 0): Promise<OpenAssignment> {
    const taskId = await queueTask(given);
    await services().claims.claimAll([{ taskId, runNo: 1, nodeId: 'a', slot, reason: 'test' }]);
    const open = await services().assignments.listOpen();
    await services().assignments.adopt(fence);
    return open.find((assignment) => assignment.taskId === taskId)!;
  }

  const rowOf = async (taskId: string) =>
    (await database.rows<Record<string, unknown>>('SELECT * FROM global_tasks WHERE task_id = ?', [taskId]))[0]!;

  it('I10 lets two schedulers that plan the same claim it once, and fills no slot twice', async () => {
    const [first, second] = [await queueTask(), await queueTask()];
    const plan = (taskId: string) => ({ taskId, runNo: 1, nodeId: 'a', slot: 0, reason: 'test' });
    const won = await Promise.all([
      services().claims.claimAll([plan(first), plan(second)]),
      services().claims.claimAll([plan(second), plan(first)]),
    ]);
    expect(won[0] + won[1]).toBe(1);
    const open = await services().assignments.listOpen();
    expect(open).toHaveLength(1);
    const states = [await rowOf(first), await rowOf(second)].map(({ status }) => status).sort();
    expect(states).toEqual(['processing', 'queued']);
  });

  it('I4 claims nothing whose cancel is wished', async () => {
    const taskId = await queueTask();
    await database.run('UPDATE global_tasks SET cancel_run = 1 WHERE task_id = ?', [taskId]);
    const { queue } = services();
    expect(await queue.listHeads(await queue.listClasses(), 10, new Date())).toEqual([]);
    expect(await services().claims.claimAll([{ taskId, runNo: 1, nodeId: 'a', slot: 0, reason: 'test' }])).toBe(0);
  });

  it('I8 changes nothing for an owner whose token was overtaken', async () => {
    const assignment = await assignTask();
    const late = { ...fence };
    await services().assignments.adopt({ ...fence, leaseToken: fence.leaseToken + 1, ownerId: 'b'.repeat(36) });
    const { marks, settlements } = services();
    expect(await marks.markPosting(assignment.assignmentId, late)).toBeUndefined();
    expect(await marks.markTold(assignment.assignmentId, late, { acceptedAt: new Date() })).toBe(false);
    expect(await marks.markTold(assignment.assignmentId, late, ENDED)).toBe(false);
    expect(await settlements.complete(assignment, late, [])).toBe('superseded');
    expect((await rowOf(assignment.taskId)).status).toBe('processing');
  });

  it.each([
    { by: 'its own process, in a later session', tokens: 1, owner: undefined },
    { by: 'another process with the same token', tokens: 0, owner: 'b'.repeat(36) },
  ])('I8 changes nothing for an owner that was followed by $by', async ({ tokens, owner = fence.ownerId }) => {
    const { assignmentId } = await assignTask();
    const now = { lease_token: fence.leaseToken + tokens, owner_id: owner };
    await database.run('UPDATE node_task_assignments SET lease_token = ?, owner_id = ?', Object.values(now));
    expect(await services().marks.markPosting(assignmentId, fence)).toBeUndefined();
    expect(await services().marks.markTold(assignmentId, fence, ENDED)).toBe(false);
  });

  it('I12 lets a prompt be sent once', async () => {
    const { assignmentId } = await assignTask();
    const { marks } = services();
    const tries = await Promise.all([1, 2, 3].map(() => marks.markPosting(assignmentId, fence)));
    expect(tries.filter(Boolean)).toHaveLength(1);
  });

  it('I8 writes together the marks of those that are ours, and none of one that is not beside them', async () => {
    const [ours, overtaken] = [await assignTask(), await assignTask({}, 1)];
    await database.run('UPDATE node_task_assignments SET lease_token = ? WHERE assignment_id = ?', [
      fence.leaseToken + 1,
      overtaken.assignmentId,
    ]);
    const { marks } = services();
    const both = [ours.assignmentId, overtaken.assignmentId];
    const posted = await Promise.all(both.map((id) => marks.markPosting(id, fence)));
    expect(posted).toEqual([expect.any(Date), undefined]);
    expect(await Promise.all(both.map((id) => marks.markTold(id, fence, ENDED)))).toEqual([true, false]);
    const rows = await services().assignments.listOpen();
    const stateOf = (id: string) => {
      const { status, slot, postStartedAt, acceptedAt } = rows.find(({ assignmentId }) => assignmentId === id)!;
      return { status, slot, isPosted: postStartedAt !== null, isAccepted: acceptedAt !== null };
    };
    expect(both.map(stateOf)).toEqual([
      { status: 'running', slot: null, isPosted: true, isAccepted: true },
      { status: 'assigned', slot: 1, isPosted: false, isAccepted: false },
    ]);
  });

  it('keeps the first time of each mark, and gives each prompt of a batch its own', async () => {
    const [one, two] = [await assignTask(), await assignTask({}, 1)];
    const { marks } = services();
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second, 7));
    await Promise.all([
      marks.markTold(one.assignmentId, fence, { acceptedAt: at(1) }),
      marks.markTold(two.assignmentId, fence, { acceptedAt: at(2), startedAt: at(3) }),
    ]);
    await marks.markTold(one.assignmentId, fence, { acceptedAt: at(9), startedAt: at(4) });
    const rows = await services().assignments.listOpen();
    expect(rows.map(({ acceptedAt, startedAt, slot }) => ({ acceptedAt, startedAt, slot }))).toEqual([
      { acceptedAt: at(1), startedAt: at(4), slot: 0 },
      { acceptedAt: at(2), startedAt: at(3), slot: 1 },
    ]);
  });

  it('I3 settles a task once, with its results, its version and one event', async () => {
    const assignment = await assignTask();
    const blobs = app.get(BlobsRepository);
    const pinned = await blobs.pin({ hash: HASH, sizeBytes: 3, mimeType: 'image/png' }, new Date(Date.now() + 60_000));
    await blobs.markStored(pinned!, new Date());
    const outcomes = await Promise.all([1, 2].map(() => services().settlements.complete(assignment, fence, [FILE])));
    expect(outcomes.sort()).toEqual(['completed', 'superseded']);
    const row = await rowOf(assignment.taskId);
    expect(row).toMatchObject({ status: 'completed', state_version: 2, current_assignment_id: null });
    const results = await database.rows<{ n: string }>('SELECT COUNT(*) AS n FROM global_task_results');
    expect(Number(results[0]!.n)).toBe(1);
    const events = await database.rows<{ state_version: number }>(
      `SELECT state_version FROM outbox WHERE topic = 'task.changed' ORDER BY id`,
    );
    expect(events.map((event) => event.state_version)).toEqual([1, 2]);
  });

  it('I19 settles nothing whose bytes are being swept', async () => {
    const assignment = await assignTask();
    await app.get(BlobsRepository).pin({ hash: HASH, sizeBytes: 3, mimeType: 'image/png' }, new Date());
    await database.run(`UPDATE blobs SET state = 'deleting', stored_at = created_at`);
    await expect(services().settlements.complete(assignment, fence, [FILE])).rejects.toThrow('swept');
    expect((await rowOf(assignment.taskId)).status).toBe('processing');
    expect(await services().assignments.listOpen()).toHaveLength(1);
  });

  it('I4 drops the results of a task whose cancel was wished meanwhile', async () => {
    const assignment = await assignTask();
    await services().wishes.apply([makeTaskWish({ taskId: assignment.taskId, cancelRun: 1 })]);
    await app
      .get(BlobsRepository)
      .pin({ hash: HASH, sizeBytes: 3, mimeType: 'image/png' }, new Date(Date.now() + 60_000));
    expect(await services().settlements.complete(assignment, fence, [FILE])).toBe('cancelled');
    expect((await rowOf(assignment.taskId)).status).toBe('cancelled');
    expect(await database.rows('SELECT id FROM global_task_results')).toEqual([]);
  });

  it('I1 cancels a queued task by the wish alone, whatever the order of the two', async () => {
    const wish = makeTaskWish({ cancelRun: 1 });
    await services().wishes.apply([wish]);
    await services().wishes.apply([{ ...wish, cancelRun: 0 }]);
    expect(await rowOf(wish.taskId)).toMatchObject({ status: 'cancelled', cancel_run: 1 });
  });

  it('I1 begins a new run queued at version 0, and takes no older wish back', async () => {
    const wish = makeTaskWish({ cancelRun: 1 });
    await services().wishes.apply([wish]);
    await services().wishes.apply([{ ...wish, runNo: 2 }]);
    await services().wishes.apply([wish]);
    expect(await rowOf(wish.taskId)).toMatchObject({ status: 'queued', run_no: 2, state_version: 0, cancel_run: 1 });
  });

  it('requeues a lost attempt while there are attempts left, then fails the task', async () => {
    const failure = { errorCode: 'NODE_LOST', errorMessage: 'gone', mayRetry: true, maxAttempts: 2 };
    const first = await assignTask();
    expect(await services().settlements.fail(first, fence, failure)).toBe('requeued');
    expect(await rowOf(first.taskId)).toMatchObject({ status: 'queued', attempt_count: 1, node_id: null });
    await services().claims.claimAll([{ taskId: first.taskId, runNo: 1, nodeId: 'a', slot: 0, reason: 'again' }]);
    const [second] = await services().assignments.listOpen();
    expect(await services().settlements.fail(second!, fence, failure)).toBe('failed');
    expect(await rowOf(first.taskId)).toMatchObject({ status: 'failed', error_code: 'NODE_LOST', attempt_count: 2 });
  });

  it('settles a failure whatever its text is', async () => {
    const failure = { errorCode: 'EXECUTION_ERROR', errorMessage: 'x'.repeat(100_000), mayRetry: false };
    const assignment = await assignTask();
    expect(await services().settlements.fail(assignment, fence, failure)).toBe('failed');
    expect(String((await rowOf(assignment.taskId)).error_message)).toHaveLength(2_000);
  });

  it('I17 never retries a task that took two nodes down', async () => {
    const failure = { errorCode: 'NODE_LOST', errorMessage: 'gone', mayRetry: true, isNodeDeath: true };
    const first = await assignTask();
    await services().settlements.fail(first, fence, failure);
    await services().claims.claimAll([{ taskId: first.taskId, runNo: 1, nodeId: 'a', slot: 0, reason: 'again' }]);
    const [second] = await services().assignments.listOpen();
    expect(await services().settlements.fail(second!, fence, failure)).toBe('failed');
    expect(await rowOf(first.taskId)).toMatchObject({ status: 'failed', error_code: 'POISON' });
  });

  it('I10 settles nothing for an attempt of an older run, and closes it', async () => {
    const assignment = await assignTask();
    await services().wishes.apply([makeTaskWish({ taskId: assignment.taskId, runNo: 2 })]);
    expect(await services().settlements.complete(assignment, fence, [FILE])).toBe('superseded');
    expect(await rowOf(assignment.taskId)).toMatchObject({ status: 'queued', run_no: 2, state_version: 0 });
    expect(await database.rows('SELECT id FROM global_task_results')).toEqual([]);
    expect(await services().assignments.listOpen()).toEqual([]);
  });
});
