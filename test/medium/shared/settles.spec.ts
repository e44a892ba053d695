import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, fromJson, LeaseKeeper, type Database } from '../../../src/database/index.js';
import {
  AssignmentsRepository,
  BlobsRepository,
  ClaimsService,
  SettlementsService,
  TaskWishesService,
  type HarvestedFile,
  type NodeFence,
  type OpenAssignment,
} from '../../../src/shared/index.js';
import { TaskStatesRepository } from '../../../src/shared/tasks/task-states.repository.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const NODES = 60;

describe('many settles at once (real: MariaDB and the services of shared; nodes are names)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let database: Database;
  let settlements: SettlementsService;
  const fences: NodeFence[] = [];

  beforeAll(async () => {
    server = await startScratchServer();
    app = await startServices(server);
    database = app.get<Database>(databaseToken('shared'), { strict: false });
    settlements = app.get(SettlementsService);
    const leases = app.get(LeaseKeeper);
    for (let index = 0; index < NODES; index += 1) {
      const nodeId = `n${index}`;
      const lease = await leases.tryAcquire(`node:${nodeId}`);
      fences.push({ nodeId, leaseToken: lease!.token, ownerId: leases.ownerId });
    }
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  beforeEach(async () => {
    for (const table of ['global_tasks', 'outbox', 'global_files', 'blobs']) await database.run(`DELETE FROM ${table}`);
  });

  /** Attempts under way, one on each of the first nodes. */
  async function begin(count: number): Promise<OpenAssignment[]> {
    const wishes = Array.from({ length: count }, () => makeTaskWish());
    await app.get(TaskWishesService).apply(wishes);
    const claims = wishes.map(({ taskId }, index) => {
      return { taskId, runNo: 1, nodeId: `n${index}`, slot: 0, reason: 'test' };
    });
    expect(await app.get(ClaimsService).claimAll(claims)).toBe(count);
    const open = await app.get(AssignmentsRepository).listOpen();
    return open.sort((a, b) => Number(a.nodeId.slice(1)) - Number(b.nodeId.slice(1)));
  }

  async function makeFile(index: number, { isStored = true } = {}): Promise<HarvestedFile> {
    const hash = String(index).padStart(64, '0');
    const blobs = app.get(BlobsRepository);
    const pinned = await blobs.pin({ hash, sizeBytes: 1, mimeType: 'image/png' }, new Date(Date.now() + 60_000));
    if (isStored) await blobs.markStored(pinned!, new Date());
    const kind = { mimeType: 'image/png', type: 'image' as const, width: 8, height: 8, durationSeconds: null };
    return { hash, sizeBytes: 1, fileName: `${index}.png`, origin: {}, ...kind };
  }

  const makeFiles = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => makeFile(index)));

  const fenceOf = ({ nodeId }: OpenAssignment) => fences.find((fence) => fence.nodeId === nodeId)!;

  const complete = (assignment: OpenAssignment, file: HarvestedFile) =>
    settlements.complete(assignment, fenceOf(assignment), [file]);

  async function taskOf({ taskId }: OpenAssignment) {
    const [row] = await database.rows<Record<string, unknown>>('SELECT * FROM global_tasks WHERE task_id = ?', [
      taskId,
    ]);
    return row!;
  }

  /** Names of each task's files. */
  const listResults = () =>
    database.rows<{ task_id: string; file_name: string }>(
      `SELECT t.task_id, r.file_name FROM global_task_results r JOIN global_tasks t ON t.id = r.task_id ORDER BY r.id`,
    );

  it('I3 settles sixty tasks at once, each with its own result and one event', async () => {
    const attempts = await begin(NODES);
    const files = await makeFiles(NODES);
    const outcomes = await Promise.all(attempts.map((attempt, index) => complete(attempt, files[index]!)));
    expect(new Set(outcomes)).toEqual(new Set(['completed']));
    const wanted = attempts.map(({ taskId }, index) => ({ task_id: taskId, file_name: `${index}.png` }));
    expect(await listResults()).toHaveLength(NODES);
    expect(await listResults()).toEqual(expect.arrayContaining(wanted));
    expect(await app.get(AssignmentsRepository).listOpen()).toEqual([]);
    const events = await database.rows<{ n: string }>(
      `SELECT COUNT(*) AS n FROM outbox WHERE topic = 'task.changed' AND state_version = 2`,
    );
    expect(Number(events[0]!.n)).toBe(NODES);
  });

  it('I3 settles what a node complains of in half a character, and tells it as the row holds it', async () => {
    const [attempt] = await begin(1);
    const errorMessage = `no such file: \udce9.png ${'x'.repeat(1_977)}🐈`;
    const failure = { errorCode: 'EXECUTION_ERROR', errorMessage, mayRetry: false };
    expect(await settlements.fail(attempt!, fenceOf(attempt!), failure)).toBe('failed');
    const told = await database.rows<{ payload: unknown }>(
      "SELECT payload FROM outbox WHERE topic = 'task.changed' ORDER BY id DESC LIMIT 1",
    );
    const { error_message: held } = await taskOf(attempt!);
    expect(held).toContain('no such file: \ufffd.png');
    expect(fromJson<{ errorMessage: string }>(told[0]!.payload).errorMessage).toBe(held);
  });

  it('I19 pins what nobody holds while another waits for its row', async () => {
    const hashes = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
    const blobs = app.get(BlobsRepository);
    const until = new Date(Date.now() + 60_000);
    const pin = (hash: string) => blobs.pin({ hash, sizeBytes: 1, mimeType: 'image/png' }, until);
    await pin(hashes[0]!);
    const pins: Promise<unknown>[] = [];
    await database.transaction(async (transaction) => {
      await transaction.rows('SELECT hash FROM blobs WHERE hash = ? FOR UPDATE', [hashes[0]!]);
      pins.push(...hashes.map(pin));
      const [, ...free] = pins;
      expect(await Promise.all(free)).toEqual([expect.anything(), expect.anything()]);
    });
    expect(await pins[0]).toMatchObject({ hash: hashes[0] });
  }, 30_000);

  it('I4 I8 I10 I19 gives each of those that end together its own end', async () => {
    const attempts = await begin(7);
    const [fine, cancelled, robbed, swept, lost, hopeless, unbound] = attempts as [
      OpenAssignment,
      OpenAssignment,
      OpenAssignment,
      OpenAssignment,
      OpenAssignment,
      OpenAssignment,
      OpenAssignment,
    ];
    const files = await makeFiles(7);
    await database.run('UPDATE global_tasks SET cancel_run = 1 WHERE task_id = ?', [cancelled.taskId]);
    await database.run('UPDATE node_task_assignments SET lease_token = lease_token + 1 WHERE assignment_id = ?', [
      robbed.assignmentId,
    ]);
    await database.run('UPDATE global_tasks SET current_assignment_id = UUID() WHERE task_id = ?', [unbound.taskId]);
    const unstored = await makeFile(99, { isStored: false });
    const lostBy = { errorCode: 'NODE_LOST', errorMessage: 'gone', mayRetry: true, excludeNode: true };
    const failed = { errorCode: 'EXECUTION_ERROR', errorMessage: 'broken', mayRetry: false };
    const ends = await Promise.allSettled([
      complete(fine, files[0]!),
      complete(cancelled, files[1]!),
      complete(robbed, files[2]!),
      complete(swept, unstored),
      settlements.fail(lost, fenceOf(lost), lostBy),
      settlements.fail(hopeless, fenceOf(hopeless), failed),
      complete(unbound, files[6]!),
      complete(fine, files[0]!),
    ]);
    expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : (end.reason as Error).message))).toEqual([
      'completed',
      'cancelled',
      'superseded',
      'A result was swept before it was settled.',
      'requeued',
      'failed',
      'superseded',
      'superseded',
    ]);
    const statuses = await Promise.all(attempts.map(async (attempt) => (await taskOf(attempt)).status));
    expect(statuses).toEqual(['completed', 'cancelled', 'processing', 'processing', 'queued', 'failed', 'processing']);
    expect(await taskOf(lost)).toMatchObject({ error_message: null, message: 'gone', node_id: null });
    expect(await taskOf(hopeless)).toMatchObject({ error_code: 'EXECUTION_ERROR', error_message: 'broken' });
    expect(await listResults()).toEqual([{ task_id: fine.taskId, file_name: '0.png' }]);
    const open = (await app.get(AssignmentsRepository).listOpen()).map(({ taskId }) => taskId);
    expect(open.sort()).toEqual([robbed.taskId, swept.taskId].sort());
  });

  it('I3 announces claims and ends just as the rows then hold them', async () => {
    const attempts = await begin(4);
    const files = await makeFiles(4);
    const states = app.get(TaskStatesRepository);
    const taskIds = attempts.map(({ taskId }) => taskId);
    const listAnnounced = async () => {
      const events = await database.rows<{ payload: string }>(
        `SELECT o.payload FROM outbox o JOIN global_tasks t ON t.task_id = o.aggregate_id AND t.state_version = o.state_version
         WHERE o.topic = 'task.changed' ORDER BY o.aggregate_id`,
      );
      return events.map(({ payload }) => fromJson(payload));
    };
    const listHeld = async () => {
      const held = await states.listStates(database, taskIds);
      return held.sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
    };
    expect(await listAnnounced()).toEqual(await listHeld());
    const [fine, wide, lost, hopeless] = attempts as [OpenAssignment, OpenAssignment, OpenAssignment, OpenAssignment];
    const film = { ...files[1]!, type: 'video' as const, mimeType: 'video/mp4', durationSeconds: 1.005 };
    await database.run('UPDATE global_tasks SET progress = 12.34 WHERE task_id = ?', [hopeless.taskId]);
    await Promise.all([
      complete(fine, files[0]!),
      settlements.complete(wide, fenceOf(wide), [film, files[2]!]),
      settlements.fail(lost, fenceOf(lost), { errorCode: 'NODE_LOST', errorMessage: 'gone ☂', mayRetry: true }),
      settlements.fail(hopeless, fenceOf(hopeless), { errorCode: 'BROKEN', errorMessage: 'no', mayRetry: false }),
    ]);
    const held = await listHeld();
    expect(await listAnnounced()).toEqual(held);
    expect(held.map(({ results }) => results.length).sort()).toEqual([0, 0, 1, 2]);
    expect(new Set(held.map(({ stateVersion }) => stateVersion))).toEqual(new Set([2]));
  });

  it('settles all others where one cannot be written', async () => {
    const attempts = await begin(5);
    const files = await makeFiles(5);
    const tooLong = { ...files[2]!, fileName: 'x'.repeat(300) };
    const ends = await Promise.allSettled(
      attempts.map((attempt, index) => complete(attempt, index === 2 ? tooLong : files[index]!)),
    );
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await taskOf(attempts[2]!)).toMatchObject({ status: 'processing' });
    expect(await listResults()).toHaveLength(4);
  });
});
