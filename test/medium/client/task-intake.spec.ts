import type { KeyedCall } from '../../../src/client/idempotency/keyed-call.js';
import { SubmitTasksService } from '../../../src/client/tasks/submit-tasks.service.js';
import type { CurrentClient } from '../../../src/client/index.js';
import { openClient, publishWorkflow, type OpenClient } from './open-client.js';

const MANY = 40;

describe('submits that arrive together (real: the client module, MariaDB)', () => {
  let client: OpenClient;
  let submissions: SubmitTasksService;

  beforeAll(async () => {
    client = await openClient();
    submissions = client.services.get(SubmitTasksService, { strict: false });
    await publishWorkflow(client);
  });

  afterAll(() => client.close());

  const submit = (user: CurrentClient, call?: KeyedCall) =>
    submissions.submitTextToImage(user, { prompt: `of ${user.username}`, seed: 5 }, call);
  const makeCall = ({ clientId }: CurrentClient, key = 'key'): KeyedCall => {
    return { clientId, route: 'POST /submit', key, bodyHash: 'a'.repeat(64) };
  };
  const countCommits = async () => {
    const rows = await client.database.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Com_commit'");
    return Number(rows[0]!.Value);
  };
  const makeUsers = async (count: number, quota: number) => {
    const users: CurrentClient[] = [];
    while (users.length < count) users.push(await client.makeUser(quota));
    return users;
  };
  /** What each user has: charges, tasks, parameters and wishes that belong together. */
  const listOwned = (users: CurrentClient[]) =>
    client.database.rows(
      `SELECT u.client_id AS clientId, u.quota_used AS used,
         (SELECT COUNT(*) FROM quota_ledger l JOIN client_tasks t ON t.task_id = l.task_id
          WHERE t.client_id = u.client_id AND l.client_id = u.client_id) AS charges,
         (SELECT COUNT(*) FROM client_task_parameters p JOIN client_tasks t ON t.id = p.task_id
          WHERE t.client_id = u.client_id) AS parameters,
         (SELECT COUNT(*) FROM outbox o JOIN client_tasks t ON t.task_id = o.aggregate_id
          WHERE t.client_id = u.client_id AND t.prompt = CONCAT('of ', u.username)) AS wishes
       FROM client_users u WHERE client_id IN (?) ORDER BY u.id`,
      [users.map(({ clientId }) => clientId)],
    );
  const owns = (user: CurrentClient, tasks: number) => {
    const counts = [tasks, tasks * 5, tasks].map(String);
    return { clientId: user.clientId, used: tasks, charges: counts[0], parameters: counts[1], wishes: counts[2] };
  };

  it('share transactions, and each user gets what belongs to one submit', async () => {
    const users = await makeUsers(MANY, 5);
    const before = await countCommits();
    await Promise.all(users.map((user) => submit(user, makeCall(user))));
    expect((await countCommits()) - before).toBeLessThan(MANY / 4);
    expect(await listOwned(users)).toEqual(users.map((user) => owns(user, 1)));
  });

  it('I18 are each answered on their own where one of them is refused, and where one was made before', async () => {
    const users = await makeUsers(MANY, 5);
    const [poor, earlier] = [await client.makeUser(0), users[7]!];
    const first = await submit(earlier, makeCall(earlier));
    const outcomes = await Promise.allSettled([poor, ...users].map((user) => submit(user, makeCall(user))));
    expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { code: 'QUOTA_EXCEEDED' } });
    expect(outcomes.slice(1).map(({ status }) => status)).toEqual(Array(MANY).fill('fulfilled'));
    expect(outcomes[8]).toMatchObject({ value: { answer: first.answer, isReplayed: true } });
    expect(await listOwned([...users, poor])).toEqual([...users.map((user) => owns(user, 1)), owns(poor, 0)]);
  });

  it('do not wait for a user whose row another transaction holds; that user does, and loses nothing', async () => {
    const users = await makeUsers(MANY, 5);
    const [held, ...others] = users;
    const submits: Promise<unknown>[] = [];
    await client.database.transaction(async (transaction) => {
      await transaction.rows('SELECT 1 FROM client_users WHERE client_id = ? FOR UPDATE', [held!.clientId]);
      let hasAnswer = false;
      submits.push(...[held!, held!].map((user) => submit(user).finally(() => (hasAnswer = true))));
      await Promise.all(others.map((user) => submit(user)));
      expect(hasAnswer).toBe(false);
    });
    await Promise.all(submits);
    expect(await listOwned(users)).toEqual([owns(held!, 2), ...others.map((user) => owns(user, 1))]);
  });

  it('I18 of users whose days differ are charged to the quota of each, exactly', async () => {
    const far = { ...(await client.makeUser(MANY)), timeZone: 'Pacific/Kiritimati' };
    const near = { ...(await client.makeUser(MANY - 10)), timeZone: 'Pacific/Niue' };
    const users = Array.from({ length: MANY * 2 }, (_, index) => (index % 2 ? far : near));
    const outcomes = await Promise.allSettled(users.map((user) => submit(user)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await listOwned([far, near])).toEqual([owns(far, MANY), owns(near, MANY - 10)]);
  });

  it('are all told that the database is away, and written again by nobody', async () => {
    const users = await makeUsers(10, 5);
    const transaction = client.database.transaction.bind(client.database);
    let tries = 0;
    client.database.transaction = async (work) => {
      tries += 1;
      // Committed, and the answer to that lost on its way.
      await transaction(work);
      return transaction(() => Promise.reject(Object.assign(new Error('lost'), { code: 'PROTOCOL_CONNECTION_LOST' })));
    };
    try {
      const outcomes = await Promise.allSettled(users.map((user) => submit(user)));
      expect(
        outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code),
      ).toEqual(Array(10).fill('DATABASE_UNAVAILABLE'));
    } finally {
      client.database.transaction = transaction;
    }
    expect(tries).toBe(1);
    expect(await listOwned(users)).toEqual(users.map((user) => owns(user, 1)));
  });
});
