import type { Settings } from '../../../src/config/index.js';
import { ClientTasksService } from '../../../src/client/tasks/client-tasks.service.js';
import { SubmitTasksService } from '../../../src/client/tasks/submit-tasks.service.js';
import type { CurrentClient } from '../../../src/client/index.js';
import { openClient, publishWorkflow, type OpenClient } from './open-client.js';

describe('the limits of the queue', () => {
  let client: OpenClient;
  let submissions: SubmitTasksService;
  let tasks: ClientTasksService;
  let limits: Settings['limits'];

  beforeAll(async () => {
    client = await openClient();
    submissions = client.services.get(SubmitTasksService, { strict: false });
    tasks = client.services.get(ClientTasksService, { strict: false });
    limits = client.settings.limits;
    await publishWorkflow(client);
  });

  afterAll(() => client.close());

  beforeEach(async () => {
    Object.assign(limits, { queuedPerUser: 100, queue: 100 });
    await client.database.run("UPDATE client_tasks SET status = 'completed'");
    client.clock.advance(1_000);
  });

  const submit = async (user: CurrentClient) => (await submissions.submitTextToImage(user, { prompt: 'x' })).answer;
  const outcomes = async (submits: Promise<unknown>[]) =>
    (await Promise.allSettled(submits)).map((one) =>
      one.status === 'fulfilled' ? 'taken' : (one.reason as { code: string }).code,
    );
  const usedBy = async ({ clientId }: CurrentClient) =>
    (
      await client.database.rows<{ used: number }>('SELECT quota_used AS used FROM client_users WHERE client_id = ?', [
        clientId,
      ])
    )[0]!.used;

  it('let exactly so many tasks of one user wait, submitted all at once, and charge no other', async () => {
    limits.queuedPerUser = 7;
    const [user, other] = [await client.makeUser(50), await client.makeUser(50)];
    const codes = await outcomes(Array.from({ length: 20 }, () => submit(user)));
    expect(codes.filter((code) => code === 'taken')).toHaveLength(7);
    expect(codes.filter((code) => code === 'TOO_MANY_QUEUED')).toHaveLength(13);
    expect(await usedBy(user)).toBe(7);
    await expect(submit(user)).rejects.toMatchObject({ kind: 'too_many', retryAfterSeconds: 10 });
    await expect(submit(other)).resolves.toBeDefined();
  });

  it('free a place when a task no longer waits, and hold for reloads too', async () => {
    limits.queuedPerUser = 1;
    const user = await client.makeUser();
    const first = await submit(user);
    await client.database.run("UPDATE client_tasks SET status = 'failed' WHERE task_id = ?", [first.task_id]);
    await submit(user);
    await expect(tasks.reload(user, first.task_id)).rejects.toMatchObject({ code: 'TOO_MANY_QUEUED' });
    expect(await usedBy(user)).toBe(2);
    limits.queuedPerUser = 2;
    await expect(tasks.reload(user, first.task_id)).resolves.toBeDefined();
  });

  it('refuse everybody while the queue is full, whoever filled it', async () => {
    limits.queue = 3;
    const [one, other] = [await client.makeUser(), await client.makeUser()];
    for (const user of [one, one, other]) await submit(user);
    await expect(submit(other)).rejects.toMatchObject({ code: 'QUEUE_FULL', retryAfterSeconds: 10 });
    expect(await usedBy(other)).toBe(1);
    await client.database.run("UPDATE client_tasks SET status = 'processing' WHERE client_id = ?", [one.clientId]);
    client.clock.advance(1_000);
    expect(await outcomes([submit(one), submit(one), submit(one)])).toEqual(expect.arrayContaining(['taken', 'taken']));
    expect(await usedBy(one)).toBe(4);
  });
});
