import { IdempotencyKeysRepository } from '../../../src/client/idempotency/idempotency-keys.repository.js';
import { IdempotencyService } from '../../../src/client/idempotency/idempotency.service.js';
import type { KeyedCall } from '../../../src/client/idempotency/keyed-call.js';
import { SubmitTasksService } from '../../../src/client/tasks/submit-tasks.service.js';
import { ConflictError } from '../../../src/common/index.js';
import { openClient, publishWorkflow, type OpenClient } from './open-client.js';

const REQUEST = { prompt: 'a cat', seed: 5 };
const DAY_MS = 86_400_000;

describe('a call under an Idempotency-Key (real: the client module, MariaDB)', () => {
  let client: OpenClient;
  let submissions: SubmitTasksService;
  let keys = 0;

  beforeAll(async () => {
    client = await openClient();
    await publishWorkflow(client);
    submissions = client.services.get(SubmitTasksService, { strict: false });
  });

  afterAll(() => client.close());

  function makeCall(clientId: string, given: Partial<KeyedCall> = {}): KeyedCall {
    return { clientId, route: 'POST /submit', key: `key-${(keys += 1)}`, bodyHash: 'a'.repeat(64), ...given };
  }

  async function countOf(clientId: string) {
    const [row] = await client.database.rows<Record<string, unknown>>(
      `SELECT quota_used AS used,
         (SELECT COUNT(*) FROM client_tasks t WHERE t.client_id = u.client_id) AS tasks,
         (SELECT COUNT(*) FROM outbox o JOIN client_tasks t ON t.task_id = o.aggregate_id
          WHERE t.client_id = u.client_id) AS wishes
       FROM client_users u WHERE client_id = ?`,
      [clientId],
    );
    return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]));
  }

  it('I18 makes one task of 200 equal submits at once; the others are told to wait, or get its answer', async () => {
    const user = await client.makeUser(1_000);
    const call = makeCall(user.clientId);
    const submits = Array.from({ length: 200 }, () => submissions.submitTextToImage(user, REQUEST, call));
    const ends = await Promise.allSettled(submits);
    const answers = ends.filter((end) => end.status === 'fulfilled').map(({ value }) => value);
    const refusals = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason as { code: string });
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['REQUEST_IN_FLIGHT']));
    expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    const replayed = await submissions.submitTextToImage(user, REQUEST, call);
    for (const { answer } of answers) expect(answer).toEqual(replayed.answer);
    expect(await countOf(user.clientId)).toEqual({ used: 1, tasks: 1, wishes: 1 });
  });

  it('I18 gives the first answer again, word for word', async () => {
    const user = await client.makeUser();
    const call = makeCall(user.clientId);
    const first = await submissions.submitTextToImage(user, REQUEST, call);
    expect(first.isReplayed).toBe(false);
    expect(await submissions.submitTextToImage(user, REQUEST, call)).toEqual({ ...first, isReplayed: true });
  });

  it('takes a key as the own one of each user and each route', async () => {
    const [one, other] = [await client.makeUser(), await client.makeUser()];
    const call = makeCall(one.clientId);
    const calls = [call, { ...call, route: 'POST /reload' }, { ...call, clientId: other.clientId }];
    const answers = await Promise.all(calls.map((each) => submissions.submitTextToImage(one, REQUEST, each)));
    expect(new Set(answers.map(({ answer }) => answer.task_id)).size).toBe(3);
  });

  it('refuses a key that stands for another request, and does nothing', async () => {
    const user = await client.makeUser();
    const call = makeCall(user.clientId);
    await submissions.submitTextToImage(user, REQUEST, call);
    const other = submissions.submitTextToImage(user, REQUEST, { ...call, bodyHash: 'b'.repeat(64) });
    await expect(other).rejects.toMatchObject({ kind: 'invalid_input', code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await countOf(user.clientId)).toEqual({ used: 1, tasks: 1, wishes: 1 });
  });

  it('I18 remembers nothing of a call that failed: the next one is the first', async () => {
    const user = await client.makeUser(0);
    const call = makeCall(user.clientId);
    const submit = () => submissions.submitTextToImage(user, REQUEST, call);
    await expect(submit()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await client.database.run('UPDATE client_users SET quota_limit = 1 WHERE client_id = ?', [user.clientId]);
    expect(await submit()).toMatchObject({ isReplayed: false });
  });

  it('lets one of those that wait in other processes take over when the first fails', async () => {
    const { clientId } = await client.makeUser();
    const keysTable = client.services.get(IdempotencyKeysRepository, { strict: false });
    const makeProcess = () => new IdempotencyService(client.database, keysTable, client.clock);
    const call = makeCall(clientId);
    let runs = 0;
    const work = async (): Promise<number> => {
      runs += 1;
      if (runs === 1) throw new ConflictError('The first one fails.');
      return Promise.resolve(runs);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => makeProcess().once(call, work)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(runs).toBe(2);
  });

  it('forgets a key after a day', async () => {
    const user = await client.makeUser();
    const call = makeCall(user.clientId);
    await submissions.submitTextToImage(user, REQUEST, call);
    client.clock.advance(DAY_MS - 1);
    expect((await submissions.submitTextToImage(user, REQUEST, call)).isReplayed).toBe(true);
    client.clock.advance(1);
    expect((await submissions.submitTextToImage(user, REQUEST, call)).isReplayed).toBe(false);
    expect((await submissions.submitTextToImage(user, REQUEST, call)).isReplayed).toBe(true);
  });
});
