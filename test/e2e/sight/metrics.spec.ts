import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { ApiClient } from '../../support/api-client.js';
import { lintExposition, parseExposition, type Series } from '../../support/exposition.js';
import { Installation, waitUntilOver } from '../../support/installation.js';
import { waitFor } from '../../support/wait-for.js';

const TOKEN = 'a token of forty characters, all of them';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('metrics (real: the whole application)', () => {
  let installation: Installation;
  let client: ApiClient;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    installation = await Installation.start([{ stepMs: 1 }], {
      metrics: { token: TOKEN, port },
      jobs: { enabled: true },
    });
    client = await installation.signIn('alice');
    const taskId = await client.submit({ prompt: 'a cat', width: 64, height: 64 });
    await waitUntilOver(client, [taskId]);
  });

  afterAll(() => installation.stop());

  const scrape = (authorization?: string, url = installation.app.url) =>
    fetch(`${url}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
  const read = async () => (await scrape(`Bearer ${TOKEN}`)).text();

  async function find(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
    const { series } = parseExposition(await read());
    const isIt = (each: Series) =>
      each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value);
    return series.find(isIt)?.value;
  }

  it('are for who brings the token', async () => {
    const refused = await Promise.all([scrape(), scrape('Bearer x'), scrape(`Basic ${TOKEN}`), scrape(`${TOKEN}`)]);
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(await refused[0].json()).toMatchObject({ code: 'METRICS_TOKEN', detail: expect.any(String) });
    const answer = await scrape(`Bearer ${TOKEN}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain; version=0.0.4'),
    ]);
  });

  it('are on a port of their own too, and nothing else is', async () => {
    const url = `http://127.0.0.1:${port}`;
    expect((await scrape(undefined, url)).status).toBe(401);
    expect((await scrape(`Bearer ${TOKEN}`, url)).status).toBe(200);
    expect((await fetch(`${url}/api/health`)).status).toBe(404);
  });

  it('keep to the rules of promtool', async () => {
    await scrape(`Bearer ${TOKEN}`);
    expect(lintExposition(await read())).toEqual([]);
  });

  it('tell of the task that was run', async () => {
    expect(await find('cws_tasks_settled_total', { status: 'completed' })).toBe(1);
    expect(await find('cws_tasks_settled_total', { status: 'failed' })).toBe(0);
    expect(await find('cws_dispatch_latency_seconds_count', { workflow: 'sd_basic' })).toBe(1);
    expect(await find('cws_task_wait_seconds_count', { workflow: 'sd_basic' })).toBe(1);
    expect(await find('cws_task_run_seconds_count', { workflow: 'sd_basic', node: 'sim-1' })).toBe(1);
    await waitFor(async () => (await find('cws_tasks', { status: 'completed' })) === 1, { what: 'the count of rows' });
    expect(await find('cws_queue_tasks', { task_type: 'text_to_image' })).toBe(0);
    expect(await find('cws_storage_free_bytes')).toBeGreaterThan(0);
  });

  it('name requests by their declared route, whatever was asked for', async () => {
    await client.send('GET', '/api/v2/tasks/no-such-task/status');
    await client.send('GET', '/no/such/place/4711');
    const route = '/api/v2/tasks/:taskId/status';
    expect(await find('cws_http_request_duration_seconds_count', { route, status: '404' })).toBe(1);
    expect(await find('cws_http_request_duration_seconds_count', { route: 'none', status: '404' })).toBe(1);
    const text = await read();
    expect(text).not.toContain('no-such-task');
    expect(text).not.toContain('4711');
  });

  it('tell of nodes, leases, outboxes, pools and jobs', async () => {
    const isOnline = async () => (await find('cws_node_state', { node: 'sim-1', state: 'online' })) === 1;
    await waitFor(isOnline, { what: 'the node to be told as online' });
    expect(await find('cws_node_state', { node: 'sim-1', state: 'offline' })).toBe(0);
    expect(await find('cws_node_slots', { node: 'sim-1', state: 'free' })).toBe(2);
    expect(await find('cws_lease_held', { lease: 'scheduler' })).toBe(1);
    expect(await find('cws_lease_changes_total', { lease: 'node:sim-1' })).toBe(1);
    expect(await find('cws_outbox_parked_events', { outbox: 'client' })).toBe(0);
    expect(await find('cws_database_pool_limit', { database: 'shared' })).toBe(30);
    expect(await find('cws_database_up', { database: 'flames' })).toBe(1);
    expect(await find('cws_job_period_seconds', { job_name: 'outbox-retention' })).toBe(3_600);
    expect(await find('cws_partition_catch_all_rows', { table: 'system_logs' })).toBeGreaterThanOrEqual(0);
  });
});

describe('metrics while the databases are away (real: the whole application)', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start([], { metrics: { token: TOKEN } });
  });

  afterAll(() => installation.stop());

  it('are told within two seconds, as far as they are known', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const read = async () => (await fetch(`${installation.app.url}/metrics`, { headers })).text();
    expect(await read()).toContain('cws_database_up{database="shared"} 1');
    await installation.server.suspend();
    const startedMs = performance.now();
    await waitFor(async () => (await read()).includes('cws_database_up{database="shared"} 0'), { what: 'its absence' });
    const askedMs = performance.now();
    const text = await read();
    expect(performance.now() - askedMs).toBeLessThan(2_000);
    expect(askedMs - startedMs).toBeLessThan(10_000);
    expect(text).toContain('cws_facts_readable{source="queue"} 0');
    expect(text).not.toContain('cws_outbox_pending_events{');
    expect(text).toContain('cws_storage_free_bytes ');
    expect(text).toContain('cws_tasks_settled_total{status="completed"} 0');
    expect(lintExposition(text)).toEqual([]);
    await installation.server.resume();
    await waitFor(async () => (await read()).includes('cws_database_up{database="shared"} 1'), { what: 'its return' });
  });
});

describe('metrics that nobody asked for (real: the whole application)', () => {
  it('are not there without a token', async () => {
    const installation = await Installation.start([]);
    const answer = await fetch(`${installation.app.url}/metrics`, { headers: { authorization: 'Bearer ' } });
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: 'NOT_FOUND' })]);
    await installation.stop();
  });
});
