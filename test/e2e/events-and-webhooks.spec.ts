import { ClientUsersService } from '../../src/client/index.js';
import { ApiClient } from '../support/api-client.js';
import { Installation, PASSWORD, QUICK } from '../support/installation.js';
import { EventReading } from '../support/read-events.js';
import { startScratchServer, type ScratchServer } from '../support/scratch-server.js';
import { SeparateProcess } from '../support/separate-process.js';
import { startServices } from '../support/start-services.js';
import { waitFor } from '../support/wait-for.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const WEBHOOKS = { allowPrivate: true, sweepMs: 50, timeoutMs: 2_000, retrySeconds: [0.2, 0.2, 0.2] };

describe('live events and webhooks (real: the whole application, simulated nodes, a receiver)', () => {
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
  });

  beforeEach(() => {
    receiver.received.length = 0;
  });

  afterAll(() => receiver.stop());

  it("tell a task from the queue to its pictures, and its owner's server once", async () => {
    const installation = await Installation.start([{ stepMs: 60 }], { webhooks: WEBHOOKS, jobs: { enabled: true } });
    try {
      const ann = await installation.signIn('ann');
      await ann.json('PUT', '/api/v2/webhooks', { url: receiver.url() });
      const { token } = await ann.json<{ token: string }>('POST', '/api/v2/events/token');
      const all = await EventReading.open(`${ann.baseUrl}/api/v2/events?token=${token}`);
      await all.next(({ event }) => event === 'snapshot');
      const taskId = await ann.submit({ prompt: 'a cat', width: 64, height: 64, workflow_name: 'sd_basic' });
      const one = await EventReading.open(`${ann.baseUrl}/api/v2/tasks/${taskId}/events?token=${token}`);
      await one.next(({ event }) => event === 'end');
      await waitFor(() => one.isOver);
      expect(one.events.at(-1)!.data).toEqual({ task_id: taskId, status: 'completed' });
      const percents = all.named('progress').map(({ data }) => data.progress as number);
      expect(percents.length).toBeGreaterThan(0);
      expect(percents).toEqual([...percents].sort((a, b) => a - b));
      const statuses = all.named('status').map(({ data }) => data.status);
      expect([...new Set(statuses)]).toEqual(['queued', 'processing', 'completed']);
      await waitFor(() => receiver.received.length > 0, { what: 'the message' });
      expect(JSON.parse(receiver.received[0]!.body)).toMatchObject({
        type: 'task.completed',
        data: { task_id: taskId, files: 1 },
      });
      all.close();
    } finally {
      await installation.stop();
    }
    expect(receiver.received).toHaveLength(1);
  });

  it('send a message again, under the same id, whose sender was killed while it was on its way', async () => {
    const server: ScratchServer = await startScratchServer({
      overrides: {
        ...QUICK,
        dispatch: { ...QUICK.dispatch, leaseTtlMs: 1_000, leaseRenewMs: 300 },
        webhooks: WEBHOOKS,
        jobs: { enabled: true },
      },
    });
    const services = await startServices(server);
    await services.get(ClientUsersService).create({ username: 'ann', password: PASSWORD });
    await services.close();
    let current = await SeparateProcess.start(server.settings);
    try {
      const ann = await ApiClient.signIn(current.url!, 'ann', PASSWORD);
      await ann.json('PUT', '/api/v2/webhooks', { url: receiver.url() });
      receiver.answers.push(() => undefined);
      const taskId = await ann.submit({ prompt: 'a cat', workflow_name: 'sd_basic' });
      // No node is there: it waits, and is cancelled at once.
      await ann.send('DELETE', `/api/v2/tasks/${taskId}`);
      await waitFor(() => receiver.received.length === 1, { what: 'the first try' });
      current.signal('SIGKILL');
      await current.ended;
      current = await SeparateProcess.start(server.settings);
      await waitFor(() => receiver.received.length === 2, { what: 'the second try' });
      const again = await ApiClient.signIn(current.url!, 'ann', PASSWORD);
      const isDelivered = async () => {
        const { deliveries } = await again.json<{ deliveries: { state: string; attempts: number }[] }>(
          'GET',
          '/api/v2/webhooks/deliveries',
        );
        return deliveries.length === 1 && deliveries[0]!.state === 'delivered' && deliveries[0]!.attempts === 2;
      };
      await waitFor(isDelivered, { what: 'its delivery' });
      const [first, second] = receiver.received;
      expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
      expect(second!.body).toBe(first!.body);
    } finally {
      await current.stop();
      await server.stop();
    }
  });
});
