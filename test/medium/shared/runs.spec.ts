import type { INestApplicationContext } from '@nestjs/common';
import { createConnection } from 'mysql2/promise';
import { databaseToken, LeaseKeeper, type Database } from '../../../src/database/index.js';
import {
  AssignmentsRepository,
  PromptMarksRepository,
  BlobsRepository,
  ClaimsService,
  GlobalTasksService,
  SettlementsService,
  TaskWishesService,
  type HarvestedFile,
  type NodeFence,
  type OpenAssignment,
} from '../../../src/shared/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const LOST = { errorCode: 'NODE_LOST', errorMessage: 'gone', mayRetry: true, maxAttempts: 9 };

/** A file whose bytes are one letter. */
const makeFile = (letter: string): HarvestedFile => ({
  hash: letter.repeat(64),
  sizeBytes: 1,
  fileName: `${letter}.png`,
  mimeType: 'image/png',
  type: 'image',
  width: 64,
  height: 64,
  durationSeconds: null,
  origin: {},
});

const ENDED = { acceptedAt: new Date(), endedAt: new Date() };

describe('runs and attempts of one task (real: MariaDB and the services of shared; nodes are names)', () => {
  let server: ScratchServer;
  let app: INestApplicationContext;
  let database: Database;
  let fence: NodeFence;
  let taskId: string;

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
    for (const table of ['global_tasks', 'outbox', 'global_files', 'blobs']) await database.run(`DELETE FROM ${table}`);
    const leases = app.get(LeaseKeeper);
    const lease = await leases.tryAcquire('node:a');
    fence = { nodeId: 'a', leaseToken: lease!.token, ownerId: leases.ownerId };
    taskId = await queueTask();
  });

  async function queueTask(): Promise<string> {
    const wish = makeTaskWish();
    await app.get(TaskWishesService).apply([wish]);
    return wish.taskId;
  }

  const claimOf = (task: string, given = {}) => {
    return { taskId: task, runNo: 1, nodeId: 'a', slot: 0, reason: 'test', ...given };
  };

  const listOpen = () => app.get(AssignmentsRepository).listOpen();

  async function claim(runNo = 1): Promise<OpenAssignment> {
    await app.get(ClaimsService).claimAll([claimOf(taskId, { runNo })]);
    return (await listOpen()).find((assignment) => assignment.taskId === taskId)!;
  }

  async function complete(assignment: OpenAssignment, files: HarvestedFile[]): Promise<void> {
    const blobs = app.get(BlobsRepository);
    for (const { hash } of files) {
      const pinned = await blobs.pin({ hash, sizeBytes: 1, mimeType: 'image/png' }, new Date(Date.now() + 60_000));
      await blobs.markStored(pinned!, new Date());
    }
    expect(await app.get(SettlementsService).complete(assignment, fence, files)).toBe('completed');
  }

  const fail = (assignment: OpenAssignment, given = {}) =>
    app.get(SettlementsService).fail(assignment, fence, { ...LOST, ...given });

  const reload = (runNo: number) => app.get(TaskWishesService).apply([makeTaskWish({ taskId, runNo })]);

  async function taskRow() {
    const [row] = await database.rows<{
      status: string;
      state_version: number;
      attempt_count: number;
      progress: string;
    }>('SELECT status, state_version, attempt_count, progress FROM global_tasks WHERE task_id = ?', [taskId]);
    return row!;
  }

  async function results(): Promise<string[]> {
    const sql = `SELECT CONCAT(run_no, ': ', file_name) AS line FROM global_task_results ORDER BY run_no, output_index`;
    return (await database.rows<{ line: string }>(sql)).map(({ line }) => line);
  }

  it('I16 keeps the results of a run until a newer one has its own, and no longer', async () => {
    await complete(await claim(), [makeFile('a'), makeFile('b')]);
    const older = ['1: a.png', '1: b.png'];
    await reload(2);
    expect(await results()).toEqual(older);
    const second = await claim(2);
    expect(await results()).toEqual(older);
    expect(await fail(second, { mayRetry: false })).toBe('failed');
    expect(await results()).toEqual(older);
    await reload(3);
    await complete(await claim(3), [makeFile('c')]);
    expect(await results()).toEqual(['3: c.png']);
    expect(await database.rows('SELECT file_name FROM global_files')).toEqual([{ file_name: 'c.png' }]);
  });

  it('gives a run that is wished anew the priority of its wish, whatever an admin gave the one before', async () => {
    await database.run('UPDATE global_tasks SET priority = 9 WHERE task_id = ?', [taskId]);
    await app.get(TaskWishesService).apply([makeTaskWish({ taskId })]);
    const priority = async () =>
      (await database.rows('SELECT priority FROM global_tasks WHERE task_id = ?', [taskId]))[0];
    expect(await priority()).toEqual({ priority: 9 });
    await complete(await claim(), [makeFile('a')]);
    await reload(2);
    expect(await priority()).toEqual({ priority: 1 });
  });

  it('avoids the node that it was taken back from for the next attempt alone', async () => {
    const avoided = async () =>
      (await database.rows('SELECT avoided_node_id AS node FROM global_tasks WHERE task_id = ?', [taskId]))[0];
    const first = await claim();
    await fail(first, { avoidNode: true });
    expect(await avoided()).toEqual({ node: first.nodeId });
    await fail(await claim());
    expect(await avoided()).toEqual({ node: null });
  });

  it('I16 has each output of a run once', async () => {
    await complete(await claim(), [makeFile('a')]);
    const twice = `INSERT INTO global_task_results (task_id, run_no, output_index, result_type, file_name)
      SELECT task_id, run_no, output_index, result_type, file_name FROM global_task_results`;
    await expect(database.run(twice)).rejects.toThrow(/Duplicate/);
  });

  it('I16 takes progress of the attempt that runs, and of no older attempt or run', async () => {
    const report = async ({ runNo, assignmentId }: OpenAssignment, progress: number) => {
      await app.get(GlobalTasksService).writeProgress([{ taskId, runNo, assignmentId, progress }]);
      return Number((await taskRow()).progress);
    };
    const first = await claim();
    expect(await report(first, 40)).toBe(40);
    await fail(first);
    expect(await report(first, 50)).toBe(0);
    const second = await claim();
    expect(await report(first, 60)).toBe(0);
    expect(await report(second, 30)).toBe(30);
    expect(await report(second, 20)).toBe(30);
    await fail(second, { mayRetry: false });
    expect(await report(second, 70)).toBe(30);
    await reload(2);
    const third = await claim(2);
    expect(await report(second, 80)).toBe(0);
    expect(await report(third, 10)).toBe(10);
    await fail(third, { isUnspent: true });
    const fourth = await claim(2);
    expect(fourth.attemptNo).toBe(third.attemptNo);
    expect(await report(third, 90)).toBe(0);
    expect(await report(fourth, 20)).toBe(20);
  });

  it('I4 cancels instead of trying again what was lost while its cancel was wished', async () => {
    const assignment = await claim();
    await app.get(TaskWishesService).apply([makeTaskWish({ taskId, cancelRun: 1 })]);
    expect((await taskRow()).status).toBe('processing');
    expect(await fail(assignment)).toBe('cancelled');
    expect((await taskRow()).status).toBe('cancelled');
  });

  it('I10 tells how many of many claims it won, and leaves the rest as they were', async () => {
    const [cancelled, late] = [await queueTask(), await queueTask()];
    await database.run('UPDATE global_tasks SET cancel_run = 1 WHERE task_id = ?', [cancelled]);
    const won = await app
      .get(ClaimsService)
      .claimAll([
        claimOf(taskId),
        claimOf(taskId, { slot: 1 }),
        claimOf(cancelled, { slot: 1 }),
        claimOf(late),
        claimOf(late, { runNo: 2, slot: 1 }),
      ]);
    expect(won).toBe(1);
    expect((await listOpen()).map((assignment) => assignment.taskId)).toEqual([taskId]);
    const queued = await database.rows<{ attempt_count: number }>(
      `SELECT attempt_count FROM global_tasks WHERE status = 'queued'`,
    );
    expect(queued).toEqual([{ attempt_count: 0 }, { attempt_count: 0 }]);
  });

  it('I10 frees the slot when the node has ended the prompt, while its files are still fetched', async () => {
    const { assignmentId } = await claim();
    const other = await queueTask();
    expect(await app.get(ClaimsService).claimAll([claimOf(other)])).toBe(0);
    await app.get(PromptMarksRepository).markTold(assignmentId, fence, ENDED);
    expect(await app.get(ClaimsService).claimAll([claimOf(other)])).toBe(1);
    expect(await listOpen()).toHaveLength(2);
  });

  it('takes from a node what it still works on, and leaves what it has ended meanwhile to be fetched', async () => {
    const [ended, working] = [await claim(), await queueTask()];
    await app.get(PromptMarksRepository).markTold(ended.assignmentId, fence, ENDED);
    await app.get(ClaimsService).claimAll([claimOf(working)]);
    const onNode = (await listOpen()).find((assignment) => assignment.taskId === working)!;
    const take = (assignment: OpenAssignment) => fail(assignment, { isUnspent: true, onlyWhileOnNode: true });
    expect(await Promise.all([take(ended), take(onNode)])).toEqual(['superseded', 'requeued']);
    expect((await listOpen()).map((assignment) => assignment.taskId)).toEqual([taskId]);
    await complete(ended, [makeFile('a')]);
    expect(await results()).toEqual(['1: a.png']);
  });

  it('I10 settles and repeats nothing for an attempt that the task is not bound to', async () => {
    const assignment = await claim();
    await database.run('UPDATE global_tasks SET current_assignment_id = UUID() WHERE task_id = ?', [taskId]);
    expect(await fail(assignment)).toBe('superseded');
    expect(await taskRow()).toMatchObject({ status: 'processing', state_version: 1 });
  });

  it('I3 changes nothing where the event of a change cannot be written', async () => {
    const admin = await createConnection(server.adminDsn);
    await admin.query(`USE \`${server.settings.mysql.shared.database}\``);
    await admin.query('RENAME TABLE outbox TO outbox_away');
    await expect(app.get(ClaimsService).claimAll([claimOf(taskId)])).rejects.toThrow(/outbox/);
    await admin.query('RENAME TABLE outbox_away TO outbox');
    await admin.end();
    expect(await taskRow()).toMatchObject({ status: 'queued', state_version: 0, attempt_count: 0 });
    expect(await listOpen()).toEqual([]);
  });
});
