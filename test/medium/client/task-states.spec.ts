import fc from 'fast-check';
import { SubmitTasksService } from '../../../src/client/tasks/submit-tasks.service.js';
import { TaskStatesService, type CurrentClient } from '../../../src/client/index.js';
import type { TaskState } from '../../../src/shared/index.js';
import { makeResult, makeState } from '../../factories/task-state.factory.js';
import { openClient, publishWorkflow, type OpenClient } from './open-client.js';

describe('the states that the relay brings', () => {
  let client: OpenClient;
  let states: TaskStatesService;
  let user: CurrentClient;

  beforeAll(async () => {
    client = await openClient();
    states = client.services.get(TaskStatesService);
    await publishWorkflow(client);
  });

  beforeEach(async () => {
    user = await client.makeUser(1_000);
  });

  afterAll(() => client.close());

  const submit = async () => {
    const submissions = client.services.get(SubmitTasksService, { strict: false });
    return (await submissions.submitTextToImage(user, { prompt: 'a cat' })).answer.task_id;
  };
  const read = async (taskId: string) => {
    const [task] = await client.database.rows<Record<string, unknown>>(
      `SELECT status, run_no AS runNo, state_version AS stateVersion, attempt_count AS attemptCount, progress, message,
              error_code AS errorCode, cancel_run AS cancelRun, started_at AS startedAt,
              (SELECT GROUP_CONCAT(CONCAT(r.run_no, ':', r.output_index, ':', r.file_name) ORDER BY r.run_no, r.output_index)
               FROM client_task_results r WHERE r.task_id = t.id) AS files
       FROM client_tasks t WHERE task_id = ?`,
      [taskId],
    );
    return task;
  };
  const quotaUsed = async () => {
    const [row] = await client.database.rows<{ used: number }>(
      'SELECT quota_used AS used FROM client_users WHERE client_id = ?',
      [user.clientId],
    );
    return row!.used;
  };

  /** A task's life: a lost attempt, our failure, then a second run that succeeds. */
  const lifeOf = (taskId: string): TaskState[] => [
    makeState({ taskId, stateVersion: 1, status: 'processing', progress: 40 }),
    makeState({ taskId, stateVersion: 2, status: 'queued', attemptCount: 1 }),
    makeState({ taskId, stateVersion: 3, status: 'processing', attemptCount: 2 }),
    makeState({ taskId, stateVersion: 4, status: 'failed', attemptCount: 2, errorCode: 'NODE_LOST', message: 'gone' }),
    makeState({ taskId, runNo: 2, stateVersion: 1, status: 'processing' }),
    makeState({ taskId, runNo: 2, stateVersion: 2, status: 'completed', results: [makeResult(0), makeResult(1)] }),
  ];

  it('I1 end in the same row in any order, in any batches, however often they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], { minLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (order, batchSize) => {
          const taskIds = [await submit(), await submit()];
          const before = await quotaUsed();
          const events = order.flatMap((index) => taskIds.map((taskId) => lifeOf(taskId)[index]!));
          for (let at = 0; at < events.length; at += batchSize) {
            await states.applyStates(events.slice(at, at + batchSize));
          }
          for (const taskId of taskIds) {
            expect(await read(taskId)).toEqual({
              status: 'completed',
              runNo: 2,
              stateVersion: 2,
              attemptCount: 1,
              progress: '100.00',
              message: null,
              errorCode: null,
              cancelRun: 0,
              startedAt: new Date('2026-01-01T00:00:01.000Z'),
              files: '2:0:picture-0.png,2:1:picture-1.png',
            });
          }
          // I18: the first run of each was our fault.
          expect(await quotaUsed()).toBe(before - 2);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('I1 are merged by several relays at once without harm', async () => {
    const taskIds = await Promise.all(Array.from({ length: 5 }, submit));
    const events = taskIds.flatMap(lifeOf);
    await Promise.all(
      [events, [...events].reverse(), events.slice(7), events.slice(0, 9)].map((part) => states.applyStates(part)),
    );
    for (const taskId of taskIds) expect(await read(taskId)).toMatchObject({ runNo: 2, stateVersion: 2 });
    expect(await quotaUsed()).toBe(0);
  });

  it('say which of them were news', async () => {
    const taskId = await submit();
    const [first, , third] = lifeOf(taskId);
    expect(await states.applyStates([third!, first!])).toEqual([third]);
    expect(await states.applyStates([third!, first!])).toEqual([]);
  });

  it('I5 bring no removed task back', async () => {
    const taskId = await submit();
    await client.database.run('DELETE FROM client_tasks WHERE task_id = ?', [taskId]);
    expect(await states.applyStates(lifeOf(taskId))).toEqual([]);
    expect(await read(taskId)).toBeUndefined();
  });

  it('carry many tasks in one batch', async () => {
    const taskIds: string[] = [];
    for (let count = 0; count < 450; count += 1) taskIds.push(await submit());
    const taken = await states.applyStates(taskIds.map((taskId) => makeState({ taskId, message: `of ${taskId}` })));
    expect(taken).toHaveLength(450);
    const rows = await client.database.rows<{ wrong: string }>(
      `SELECT COUNT(*) AS wrong FROM client_tasks WHERE client_id = ? AND message <> CONCAT('of ', task_id)`,
      [user.clientId],
    );
    expect(rows).toEqual([{ wrong: '0' }]);
  });

  it('I18 give the charge back once, and only for what was our fault', async () => {
    const [ours, theirs] = [await submit(), await submit()];
    const failed = (taskId: string, errorCode: string) => makeState({ taskId, status: 'failed', errorCode });
    for (let time = 0; time < 3; time += 1) {
      await states.applyStates([failed(ours, 'NO_CAPABLE_NODE'), failed(theirs, 'EXECUTION_ERROR')]);
    }
    expect(await quotaUsed()).toBe(1);
  });

  it('I18 leave the counter of a new day alone', async () => {
    const taskId = await submit();
    client.clock.advance(86_400_000);
    await submit();
    await states.applyStates([makeState({ taskId, status: 'failed', errorCode: 'NODE_LOST' })]);
    expect(await quotaUsed()).toBe(1);
  });

  it('I6 fail a submit that can never be applied, and give its charge back', async () => {
    const taskId = await submit();
    for (let time = 0; time < 2; time += 1) await states.rejectSubmit(taskId, 'The prompt cannot be stored.');
    expect(await read(taskId)).toMatchObject({ status: 'failed', errorCode: 'SYNC_REJECTED', stateVersion: 0 });
    expect(await quotaUsed()).toBe(0);
  });

  it('I6 reject no task that waits in the queue already, for a later wish that can never be applied', async () => {
    const taskId = await submit();
    await client.database.run('UPDATE outbox SET published_at = NOW(3) WHERE aggregate_id = ?', [taskId]);
    await states.rejectSubmit(taskId, 'The cancel cannot be read.');
    expect(await read(taskId)).toMatchObject({ status: 'queued', errorCode: null });
    expect(await quotaUsed()).toBe(1);
  });

  it('I6 reject no task that was taken after all', async () => {
    const taskId = await submit();
    await states.applyStates([makeState({ taskId })]);
    await states.rejectSubmit(taskId, 'late');
    expect(await read(taskId)).toMatchObject({ status: 'processing', errorCode: null });
    expect(await quotaUsed()).toBe(1);
  });

  it('I16 raise progress within the attempt that runs, and never let it fall', async () => {
    const [running, queued] = [await submit(), await submit()];
    await states.applyStates([makeState({ taskId: running, attemptCount: 2 })]);
    const at = (taskId: string, progress: number, attemptCount = 2, runNo = 1) => ({
      taskId,
      progress,
      attemptCount,
      runNo,
    });
    await states.applyProgress([at(running, 30), at(running, 20), at(queued, 50)]);
    await states.applyProgress([at(running, 10)]);
    await states.applyProgress([at(running, 90, 1)]);
    await states.applyProgress([at(running, 90, 2, 2)]);
    expect((await read(running))?.progress).toBe('30.00');
    expect((await read(queued))?.progress).toBe('0.00');
  });
});
