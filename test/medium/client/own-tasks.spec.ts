import { ClientTasksService } from '../../../src/client/tasks/client-tasks.service.js';
import { SubmitTasksService } from '../../../src/client/tasks/submit-tasks.service.js';
import { TaskStatesService, type CurrentClient } from '../../../src/client/index.js';
import { fromJson } from '../../../src/database/index.js';
import type { TaskWish } from '../../../src/shared/index.js';
import { makeResult, makeState } from '../../factories/task-state.factory.js';
import { openClient, publishWorkflow, type OpenClient } from './open-client.js';

describe("a user's tasks", () => {
  let client: OpenClient;
  let tasks: ClientTasksService;
  let states: TaskStatesService;
  let user: CurrentClient;

  beforeAll(async () => {
    client = await openClient();
    tasks = client.services.get(ClientTasksService, { strict: false });
    states = client.services.get(TaskStatesService);
    await publishWorkflow(client);
  });

  beforeEach(async () => {
    user = await client.makeUser();
  });

  afterAll(() => client.close());

  const submit = async (more: { batch_id?: string } = {}) => {
    const submissions = client.services.get(SubmitTasksService, { strict: false });
    return (await submissions.submitTextToImage(user, { prompt: 'a cat', seed: 5, ...more })).answer.task_id;
  };
  const page = (more: object = {}) => ({ limit: 50, offset: 0, ...more });
  const wishes = async (taskId: string) => {
    const rows = await client.database.rows<{ payload: unknown }>(
      'SELECT payload FROM outbox WHERE aggregate_id = ? ORDER BY run_no, state_version',
      [taskId],
    );
    return rows.map(({ payload }) => fromJson<TaskWish>(payload));
  };

  it('are listed page by page, by offset from either end and by cursor, though several are of the same moment', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      if (index % 3 === 0) client.clock.advance(1_000);
      ids.unshift(await submit());
    }
    const idsOf = ({ tasks: listed }: { tasks: { task_id: string }[] }) => listed.map((task) => task.task_id);
    for (let offset = 0; offset <= 8; offset += 1) {
      const list = await tasks.list(user.clientId, page({ limit: 2, offset }));
      expect([idsOf(list), list.total]).toEqual([ids.slice(offset, offset + 2), 7]);
      expect(list.next_cursor === null).toBe(offset >= 5);
    }
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const list = await tasks.list(user.clientId, page({ limit: 3, cursor }));
      seen.push(...idsOf(list));
      cursor = list.next_cursor;
      // What is new meanwhile moves nothing.
      if (seen.length === 3) await submit();
    }
    expect(seen).toEqual(ids);
  });

  it('are listed after a cursor within their status, and after none that no page gave', async () => {
    const ids = [await submit(), await submit(), await submit()].reverse();
    await states.applyStates([makeState({ taskId: ids[1]!, status: 'failed' })]);
    const first = await tasks.list(user.clientId, page({ limit: 1, status: 'queued' }));
    const second = await tasks.list(user.clientId, page({ limit: 1, status: 'queued', cursor: first.next_cursor }));
    expect(second).toMatchObject({ total: 2, next_cursor: null, tasks: [{ task_id: ids[2] }] });
    for (const cursor of ['x', '', Buffer.from('1.2.3').toString('base64url')]) {
      const refusal = { errors: [{ field: 'cursor' }] };
      await expect(tasks.list(user.clientId, page({ cursor }))).rejects.toMatchObject(refusal);
    }
  });

  it('are listed newest first, with all that the page reads and no addresses', async () => {
    const first = await submit({ batch_id: 'b' });
    client.clock.advance(1_000);
    const second = await submit();
    await states.applyStates([
      makeState({ taskId: first, status: 'completed', results: [makeResult(0), makeResult(1)] }),
    ]);
    const list = await tasks.list(user.clientId, page());
    expect(list).toMatchObject({ total: 2, limit: 50, offset: 0 });
    expect(list.tasks.map((task) => task.task_id)).toEqual([second, first]);
    expect(list.tasks[1]).toMatchObject({
      status: 'completed',
      progress: 100,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      result_data: {
        files: ['picture-0.png', 'picture-1.png'],
        prompt: 'a cat',
        width: 512,
        workflow_name: 'sd_basic',
        checkpoint: null,
        seed: 5,
        batch_id: 'b',
      },
    });
    expect(JSON.stringify(list)).not.toContain('resultUrls');
  });

  it('are filtered, and counted apart from the page', async () => {
    const [done] = [await submit(), await submit(), await submit()];
    await states.applyStates([makeState({ taskId: done, status: 'failed', errorCode: 'EXECUTION_ERROR' })]);
    expect(await tasks.list(user.clientId, page({ limit: 1 }))).toMatchObject({ total: 3, tasks: [{}] });
    const failed = await tasks.list(user.clientId, page({ status: 'failed' }));
    expect(failed.tasks.map((task) => task.task_id)).toEqual([done]);
    expect((await tasks.list(user.clientId, page({ task_type: 'image_to_video' }))).total).toBe(0);
  });

  it('are not found by anybody else, whatever is asked', async () => {
    const taskId = await submit();
    const stranger = (await client.makeUser()).clientId;
    const asked = [
      () => tasks.get(stranger, taskId),
      () => tasks.getStatus(stranger, taskId),
      () => tasks.getResult({ clientId: stranger }, taskId, 0),
      () => tasks.cancel(stranger, taskId),
      () => tasks.reload({ clientId: stranger, timeZone: 'UTC' }, taskId),
    ];
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ kind: 'not_found', code: 'TASK_NOT_FOUND' });
    expect((await tasks.list(stranger, page())).total).toBe(0);
  });

  it('I1 are cancelled by a wish alone, which changes no status', async () => {
    const taskId = await submit();
    client.signals.length = 0;
    const answer = await tasks.cancel(user.clientId, taskId);
    expect(answer).toEqual({ message: expect.any(String), task_id: taskId });
    expect((await tasks.getStatus(user.clientId, taskId)).status).toBe('queued');
    const [submitted, cancelled] = await wishes(taskId);
    expect(cancelled).toEqual({ ...submitted, cancelRun: 1 });
    expect(client.signals).toEqual(['client.outbox']);
  });

  it('answer a repeated cancel alike, and announce it once', async () => {
    const taskId = await submit();
    const [first, ...more] = await Promise.all(Array.from({ length: 5 }, () => tasks.cancel(user.clientId, taskId)));
    await states.applyStates([makeState({ taskId, status: 'cancelled' })]);
    for (const answer of [...more, await tasks.cancel(user.clientId, taskId)]) expect(answer).toEqual(first);
    expect(await wishes(taskId)).toHaveLength(2);
  });

  it.each(['completed', 'failed', 'cancelled'] as const)('are not cancelled once %s', async (status) => {
    const taskId = await submit();
    await states.applyStates([makeState({ taskId, status })]);
    await expect(tasks.cancel(user.clientId, taskId)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'TASK_FINISHED',
    });
    expect(await wishes(taskId)).toHaveLength(1);
  });

  it.each(['completed', 'failed', 'cancelled'] as const)(
    'I2 are run again once %s, with all parameters',
    async (status) => {
      const taskId = await submit();
      await tasks.cancel(user.clientId, taskId);
      await states.applyStates([makeState({ taskId, status, errorCode: 'POISON', message: 'old', progress: 40 })]);
      client.signals.length = 0;
      expect((await tasks.reload(user, taskId)).answer).toMatchObject({ task_id: taskId, status: 'queued' });
      const [, cancelled, reloaded] = await wishes(taskId);
      expect(reloaded).toEqual({ ...cancelled, runNo: 2, cancelRun: 1 });
      expect(client.signals).toEqual(['client.outbox']);
      const [row] = await client.database.rows(
        `SELECT status, run_no, cancel_run, state_version, attempt_count, progress, message, error_code, started_at
       FROM client_tasks WHERE task_id = ?`,
        [taskId],
      );
      const begun = {
        status: 'queued',
        run_no: 2,
        cancel_run: 1,
        state_version: 0,
        attempt_count: 0,
        progress: '0.00',
      };
      expect(row).toEqual({ ...begun, message: null, error_code: null, started_at: null });
    },
  );

  it('I2 are not run again before their run is over, nor twice by two requests at once', async () => {
    const taskId = await submit();
    const refused = { kind: 'conflict', code: 'TASK_NOT_FINISHED' };
    for (const status of ['queued', 'processing'] as const) {
      const stateVersion = status === 'queued' ? 1 : 2;
      await states.applyStates([makeState({ taskId, status, stateVersion })]);
      await expect(tasks.reload(user, taskId)).rejects.toMatchObject(refused);
    }
    await states.applyStates([makeState({ taskId, status: 'failed', stateVersion: 3 })]);
    const tries = await Promise.allSettled([1, 2, 3].map(() => tasks.reload(user, taskId)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await wishes(taskId)).toHaveLength(2);
  });

  it('I18 are charged anew for every run, and not run where the quota is used up', async () => {
    user = await client.makeUser(2);
    const taskId = await submit();
    const fail = (runNo: number) => states.applyStates([makeState({ taskId, runNo, status: 'failed' })]);
    await fail(1);
    await tasks.reload(user, taskId);
    await fail(2);
    await expect(tasks.reload(user, taskId)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect((await tasks.getStatus(user.clientId, taskId)).status).toBe('failed');
    const charges = await client.database.rows('SELECT run_no, kind FROM quota_ledger WHERE task_id = ?', [taskId]);
    expect(charges).toEqual([1, 2].map((run) => ({ run_no: run, kind: 'charge' })));
    expect(await wishes(taskId)).toHaveLength(2);
  });

  it('give a file out when they are finished, and say why not before', async () => {
    const taskId = await submit();
    const get = (index: number) => tasks.getResult(user, taskId, index);
    await expect(get(0)).rejects.toMatchObject({ kind: 'conflict', code: 'TASK_NOT_FINISHED' });
    await states.applyStates([makeState({ taskId, status: 'completed', results: [makeResult(0)] })]);
    expect(await get(0)).toEqual({
      fileHash: makeResult(0).fileHash,
      fileName: 'picture-0.png',
      mimeType: 'image/png',
    });
    await expect(get(1)).rejects.toMatchObject({ kind: 'not_found', code: 'FILE_NOT_FOUND' });
  });

  it('say what the page polls for', async () => {
    const taskId = await submit();
    expect(await tasks.getStatus(user.clientId, taskId)).toMatchObject({ progress: 0, result: null, error: null });
    await states.applyStates([makeState({ taskId, status: 'failed', errorMessage: 'no memory' })]);
    expect(await tasks.getStatus(user.clientId, taskId)).toMatchObject({ status: 'failed', error: 'no memory' });
  });
});
