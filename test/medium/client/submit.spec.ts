import { SubmitTasksService } from '../../../src/client/tasks/submit-tasks.service.js';
import { fromJson } from '../../../src/database/index.js';
import type { TaskWish } from '../../../src/shared/index.js';
import { openClient, publishWorkflow, type OpenClient } from './open-client.js';

describe('a submit', () => {
  let client: OpenClient;
  let submissions: SubmitTasksService;

  beforeAll(async () => {
    client = await openClient();
    submissions = client.services.get(SubmitTasksService, { strict: false });
    await publishWorkflow(client);
  });

  afterAll(() => client.close());

  const quotaOf = async (clientId: string) => {
    const [row] = await client.database.rows<{ used: number; charges: string; refunds: string; tasks: string }>(
      `SELECT quota_used AS used,
              (SELECT COUNT(*) FROM quota_ledger l WHERE l.client_id = u.client_id AND kind = 'charge') AS charges,
              (SELECT COUNT(*) FROM client_tasks t WHERE t.client_id = u.client_id) AS tasks
       FROM client_users u WHERE client_id = ?`,
      [clientId],
    );
    return { used: row!.used, charges: Number(row!.charges), tasks: Number(row!.tasks) };
  };

  it('writes the task, its parameters, the charge and the wish, and nudges the relay', async () => {
    const user = await client.makeUser();
    client.signals.length = 0;
    const request = { prompt: '猫 🐈', seed: 7, steps: 99, batch_id: 'b' };
    const { answer } = await submissions.submitTextToImage(user, request);
    expect(answer).toEqual({
      task_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      status: 'queued',
      message: expect.any(String),
      estimated_time: 60,
    });
    const [task] = await client.database.rows<Record<string, unknown>>('SELECT * FROM client_tasks WHERE task_id = ?', [
      answer.task_id,
    ]);
    expect(task).toMatchObject({
      client_id: user.clientId,
      status: 'queued',
      run_no: 1,
      cancel_run: 0,
      state_version: 0,
      workflow_name: 'sd_basic',
      workflow_version: 1,
      prompt: '猫 🐈',
      width: 512,
      seed: '7',
      steps: 30,
      cfg_scale: '6.50',
      batch_id: 'b',
    });
    const parameters = await client.database.rows(
      `SELECT parameter_name AS name, parameter_type AS type, parameter_value AS value
       FROM client_task_parameters WHERE task_id = ? ORDER BY id`,
      [task!.id as string],
    );
    const expected = [
      { name: 'prompt', type: 'string', value: '"猫 🐈"' },
      { name: 'width', type: 'int', value: '512' },
      { name: 'seed', type: 'int', value: '7' },
      { name: 'steps', type: 'int', value: '30' },
      { name: 'cfg', type: 'float', value: '6.5' },
    ];
    expect(parameters).toEqual(expected);
    expect(await quotaOf(user.clientId)).toEqual({ used: 1, charges: 1, tasks: 1 });
    const events = await client.database.rows<{ payload: unknown }>('SELECT * FROM outbox WHERE aggregate_id = ?', [
      answer.task_id,
    ]);
    expect(events).toMatchObject([{ topic: 'task.wished', run_no: 1, state_version: 0, published_at: null }]);
    expect(fromJson<TaskWish>(events[0]!.payload)).toMatchObject({
      taskId: answer.task_id,
      sourceUserId: user.clientId,
      runNo: 1,
      cancelRun: 0,
      seed: 7,
      createdAt: (task!.created_at as Date).toISOString(),
      parameters: expected,
    });
    expect(client.signals).toEqual(['client.outbox']);
  });

  it('draws a seed, keeps the one that it drew, and draws another next time', async () => {
    const user = await client.makeUser();
    for (const seed of [undefined, -1]) await submissions.submitTextToImage(user, { prompt: 'a cat', seed });
    const rows = await client.database.rows<{ seed: string; value: string }>(
      `SELECT t.seed, p.parameter_value AS value FROM client_tasks t
       JOIN client_task_parameters p ON p.task_id = t.id AND p.parameter_name = 'seed' WHERE t.client_id = ?`,
      [user.clientId],
    );
    expect(rows.map(({ value }) => value)).toEqual(rows.map(({ seed }) => seed));
    expect(new Set(rows.map(({ seed }) => seed)).size).toBe(2);
    expect(rows.every(({ seed }) => Number(seed) >= 0 && Number(seed) <= Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  it('takes the newest version at once', async () => {
    const user = await client.makeUser();
    await publishWorkflow(client, { version: 2, contentHash: 'b'.repeat(64) });
    const { answer } = await submissions.submitTextToImage(user, { prompt: 'a cat', workflow_name: 'sd_basic' });
    const rows = await client.database.rows('SELECT workflow_version FROM client_tasks WHERE task_id = ?', [
      answer.task_id,
    ]);
    expect(rows).toEqual([{ workflow_version: 2 }]);
  });

  it('refuses an unknown workflow and leaves nothing behind', async () => {
    const user = await client.makeUser();
    const submit = submissions.submitTextToImage(user, { prompt: 'a cat', workflow_name: 'nothing' });
    await expect(submit).rejects.toMatchObject({ kind: 'invalid_input', code: 'UNKNOWN_WORKFLOW' });
    expect(await quotaOf(user.clientId)).toEqual({ used: 0, charges: 0, tasks: 0 });
  });

  it('I18 takes exactly what the quota allows of 200 submits at once', async () => {
    const user = await client.makeUser(100);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, () => submissions.submitTextToImage(user, { prompt: 'a cat' })),
    );
    const refusals = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
    expect(refusals).toHaveLength(100);
    for (const refusal of refusals) expect(refusal).toMatchObject({ kind: 'too_many', code: 'QUOTA_EXCEEDED' });
    expect(await quotaOf(user.clientId)).toEqual({ used: 100, charges: 100, tasks: 100 });
  });

  it("I18 starts a new count with the user's day, not with ours", async () => {
    const user = { ...(await client.makeUser(1)), timeZone: 'Asia/Shanghai' };
    const submit = () => submissions.submitTextToImage(user, { prompt: 'a cat' });
    const untilMidnightMs = 86_400_000 - ((client.clock.now().getTime() + 8 * 3_600_000) % 86_400_000);
    await submit();
    client.clock.advance(untilMidnightMs - 1);
    await expect(submit()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    client.clock.advance(1);
    await submit();
    expect((await quotaOf(user.clientId)).used).toBe(1);
  });

  it('lets a disabled user in no more, even within a session', async () => {
    const user = await client.makeUser();
    await client.database.run('UPDATE client_users SET is_active = 0 WHERE client_id = ?', [user.clientId]);
    await expect(submissions.submitTextToImage(user, { prompt: 'a cat' })).rejects.toThrow();
    expect((await quotaOf(user.clientId)).tasks).toBe(0);
  });
});
