import { createHmac } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ClientUsersService,
  ClientWorkflowsService,
  TaskStatesService,
  WebhookSenderService,
} from '../../../src/client/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import type { TaskState } from '../../../src/shared/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { makeResult, makeState } from '../../factories/task-state.factory.js';
import { ApiClient } from '../../support/api-client.js';
import type { SettingsTree } from '../../support/scratch-templates.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { waitFor } from '../../support/wait-for.js';
import { WebhookReceiver, type Received } from '../../support/webhook-receiver.js';

const PASSWORD = 'correct horse';
const QUICK = { allowPrivate: true, sweepMs: 50, timeoutMs: 500, retrySeconds: [0.05, 0.05] };

interface Delivery {
  delivery_id: string;
  task_id: string;
  run_no: number;
  event: string;
  state: string;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
}

describe('webhooks (real: the application, MariaDB, a receiver on this machine)', () => {
  let server: ScratchServer;
  let receiver: WebhookReceiver;
  let current: { app: NestFastifyApplication; url: string };
  let ann: ApiClient;
  let secret: string;
  let users = 0;

  beforeAll(async () => {
    server = await startScratchServer();
    receiver = await WebhookReceiver.start();
    await start(QUICK);
    await current.app.get(ClientWorkflowsService).storeVersions([makePublishedWorkflow()]);
  });

  beforeEach(async () => {
    // What the test before has left waiting is not this one's matter.
    await database().run('DELETE FROM webhook_deliveries');
    await restart(QUICK);
    receiver.received.length = 0;
    receiver.answers.length = 0;
    users += 1;
    const username = `ann${users}`;
    await current.app.get(ClientUsersService).create({ username, password: PASSWORD });
    ann = await ApiClient.signIn(current.url, username, PASSWORD);
    ({ secret } = await ann.json<{ secret: string }>('PUT', '/api/v2/webhooks', { url: receiver.url() }));
  });

  afterAll(async () => {
    await current.app.close();
    await receiver.stop();
    await server.stop();
  });

  async function start(webhooks: SettingsTree, roles = ['api', 'jobs']): Promise<void> {
    current = await startApi(server, {
      server: { roles },
      webhooks,
      dispatch: { leaseTtlMs: 1_000, leaseRenewMs: 300 },
    });
  }

  async function restart(webhooks: SettingsTree, roles?: string[]): Promise<void> {
    await current.app.close();
    await start(webhooks, roles);
    if (ann) ann = Object.assign(new ApiClient(current.url), { token: (ann as unknown as { token: string }).token });
  }

  const database = () => current.app.get<Database>(databaseToken('client'), { strict: false });
  const submit = (more: Record<string, unknown> = {}) => ann.submit({ prompt: 'a cat', ...more });
  const apply = (...states: TaskState[]) => current.app.get(TaskStatesService).applyStates(states);
  const complete = (taskId: string) =>
    apply(makeState({ taskId, stateVersion: 2, status: 'completed', results: [makeResult(0), makeResult(1)] }));
  const deliveries = async () =>
    (await ann.json<{ deliveries: Delivery[]; total: number }>('GET', '/api/v2/webhooks/deliveries')).deliveries;
  const waitForDelivery = (state: string) =>
    waitFor(async () => (await deliveries()).find((delivery) => delivery.state === state), {
      what: `a ${state} delivery`,
    });
  const signatureOf = ({ headers, body }: Received) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  };

  it('tell of the end of a task once, rightly signed', async () => {
    const taskId = await submit({ batch_id: 'b' });
    for (let time = 0; time < 3; time += 1) await complete(taskId);
    const delivery = await waitForDelivery('delivered');
    expect(await deliveries()).toHaveLength(1);
    expect(receiver.received).toHaveLength(1);
    const [message] = receiver.received as [Received];
    expect(message.headers['webhook-signature']).toBe(signatureOf(message));
    expect(message.headers['webhook-id']).toBe(delivery.delivery_id);
    expect(Math.abs(Number(message.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(60);
    expect(JSON.parse(message.body)).toMatchObject({
      type: 'task.completed',
      timestamp: expect.any(String),
      data: { task_id: taskId, run_no: 1, status: 'completed', files: 2, batch_id: 'b', error_code: null },
    });
    expect(delivery).toMatchObject({ event: 'task.completed', attempts: 1, last_status: 200, last_error: null });
  });

  it('tell of failures and cancels, of submits that were rejected, and of each run', async () => {
    const [failed, cancelled, rejected, twice] = [await submit(), await submit(), await submit(), await submit()];
    await apply(makeState({ taskId: failed, status: 'failed', errorCode: 'POISON', errorMessage: 'It crashed.' }));
    await apply(makeState({ taskId: cancelled, status: 'cancelled' }));
    await current.app.get(TaskStatesService).rejectSubmit(rejected, 'The prompt cannot be stored.');
    await complete(twice);
    await ann.reload(twice);
    await apply(makeState({ taskId: twice, runNo: 2, stateVersion: 2, status: 'completed' }));
    await waitFor(() => receiver.received.length >= 5, { what: 'five messages' });
    const told = receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: TaskEventData });
    expect(told.map(({ type, data }) => [type, data.task_id, data.run_no, data.error_code]).sort()).toEqual(
      [
        ['task.failed', failed, 1, 'POISON'],
        ['task.cancelled', cancelled, 1, null],
        ['task.failed', rejected, 1, 'SYNC_REJECTED'],
        ['task.completed', twice, 1, null],
        ['task.completed', twice, 2, null],
      ].sort(),
    );
  });

  interface TaskEventData {
    task_id: string;
    run_no: number;
    error_code: string | null;
  }

  it('try again after an error, a redirect and a silence, under the same id', async () => {
    receiver.answers.push(
      (response) => response.writeHead(500).end('not now'),
      (response) => response.writeHead(302, { location: receiver.url().replace('/hook', '/elsewhere') }).end(),
    );
    await complete(await submit());
    await waitForDelivery('delivered');
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook']);
    expect((await deliveries())[0]).toMatchObject({ attempts: 3, last_status: 200, last_error: null });
  });

  it('give up after the last try, say why, and send again when asked to', async () => {
    const refuse = (response: { writeHead(status: number): { end(text: string): void } }) =>
      response.writeHead(503).end('closed');
    receiver.answers.push(refuse, () => undefined, refuse);
    await complete(await submit());
    const given = await waitForDelivery('failed');
    expect(given).toMatchObject({ attempts: 3, last_status: 503, last_error: 'It answered 503: closed' });
    const replay = (client: ApiClient) =>
      client.send('POST', `/api/v2/webhooks/deliveries/${given.delivery_id}/replay`);
    await current.app.get(ClientUsersService).createIfAbsent({ username: 'bob', password: PASSWORD });
    expect((await replay(await ApiClient.signIn(current.url, 'bob', PASSWORD))).status).toBe(404);
    expect(await (await replay(ann)).json()).toMatchObject({ state: 'pending', attempts: 0 });
    await waitForDelivery('delivered');
    expect(receiver.received.at(-1)!.headers['webhook-id']).toBe(given.delivery_id);
  });

  it('send to the address of the task where it names one, and to none that was removed', async () => {
    const taskId = await submit({ webhook_url: `${receiver.url()}/of-this-task` });
    await ann.json('PUT', '/api/v2/webhooks', { url: null });
    await complete(await submit());
    await complete(taskId);
    await waitForDelivery('delivered');
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook/of-this-task']);
    await ann.json('DELETE', '/api/v2/webhooks');
    expect(await ann.json('GET', '/api/v2/webhooks')).toEqual({ url: null, has_secret: false });
    const refused = await ann.send('POST', '/api/v2/tasks/text-to-image', { prompt: 'a', webhook_url: receiver.url() });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([422, 'NO_WEBHOOK_SECRET']);
  });

  it('show the secret once, and keep it sealed', async () => {
    expect(secret).toMatch(/^whsec_/);
    expect(await ann.json('GET', '/api/v2/webhooks')).toEqual({ url: receiver.url(), has_secret: true });
    expect(await ann.json('PUT', '/api/v2/webhooks', { url: receiver.url() })).toMatchObject({ secret: null });
    const rows = await database().rows<{ secret: string }>(
      'SELECT webhook_secret AS secret FROM client_users WHERE webhook_secret IS NOT NULL',
    );
    for (const { secret: kept } of rows) expect(kept).toMatch(/^v1\.[\w-]+$/);
    const rotated = await ann.json<{ secret: string }>('PUT', '/api/v2/webhooks', { rotate_secret: true });
    expect(rotated.secret).not.toBe(secret);
  });

  it('survive the death of the sender between commit and sending, and in the middle of it', async () => {
    await restart(QUICK, ['api']);
    await complete(await submit());
    // As a process leaves it that dies with its message on the way.
    const second = await submit();
    await complete(second);
    await database().run(
      'UPDATE webhook_deliveries SET attempt_count = 1, next_attempt_at = NOW(3) + INTERVAL 1 SECOND WHERE task_id = ?',
      [second],
    );
    expect((await deliveries()).map(({ state }) => state)).toEqual(['pending', 'pending']);
    expect(receiver.received).toEqual([]);
    await restart(QUICK);
    await waitFor(async () => (await deliveries()).every(({ state }) => state === 'delivered'), {
      what: 'both to be delivered',
    });
    expect(receiver.received).toHaveLength(2);
    expect((await deliveries()).map(({ attempts }) => attempts)).toEqual([2, 1]);
  });

  it('send each message once where two processes send at the same time', async () => {
    await restart(QUICK, ['api']);
    const other = await startApi(server, { server: { roles: ['api'] }, webhooks: QUICK });
    for (let count = 0; count < 5; count += 1) await complete(await submit());
    const senders = [current.app, other.app].map((app) => app.get(WebhookSenderService));
    await Promise.all(senders.map((sender) => sender.sendDue(() => undefined)));
    await waitFor(async () => (await deliveries()).every(({ state }) => state === 'delivered'));
    expect(receiver.received).toHaveLength(5);
    await other.app.close();
  });

  it("let no user's slow receiver hold up the messages of others", async () => {
    await restart({ ...QUICK, timeoutMs: 10_000 });
    for (let count = 0; count < 9; count += 1) receiver.answers.push(() => undefined);
    for (let count = 0; count < 8; count += 1) await complete(await submit());
    await waitFor(() => receiver.received.length === 5, { what: 'five under way' });
    await current.app.get(ClientUsersService).create({ username: 'carl', password: PASSWORD });
    const carl = await ApiClient.signIn(current.url, 'carl', PASSWORD);
    await carl.json('PUT', '/api/v2/webhooks', { url: `${receiver.url()}/of-carl` });
    await complete(await carl.submit({ prompt: 'a dog' }));
    await waitFor(() => receiver.received.length === 6, { what: "another user's message" });
    expect(receiver.received.at(-1)!.path).toBe('/hook/of-carl');
  });

  it('go to no private address unless that is allowed, whether it is written out or a name stands for it', async () => {
    await restart({ ...QUICK, allowPrivate: false });
    for (const url of [receiver.url(), 'http://[::1]/', 'http://169.254.169.254/', 'ftp://example.org/']) {
      expect((await ann.send('PUT', '/api/v2/webhooks', { url })).status).toBe(422);
      const task = { prompt: 'a cat', webhook_url: url };
      expect((await ann.send('POST', '/api/v2/tasks/text-to-image', task)).status).toBe(422);
    }
    // Named before it was forbidden.
    await complete(await submit());
    const byAddress = await waitForDelivery('failed');
    const told = [byAddress.last_error];
    for (const url of [receiver.url('localhost'), 'http://no-such-host.invalid/']) {
      await ann.json('PUT', '/api/v2/webhooks', { url });
      await complete(await submit());
      const byName = await waitFor(async () =>
        (await deliveries()).find(({ state }, at) => at === 0 && state === 'failed'),
      );
      told.push(byName.last_error);
    }
    // One text for all: what our own names stand for, and which of them there are, is not told.
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toMatch(/^The host of the webhook could not be reached/);
    expect(receiver.received).toEqual([]);
  });
});
