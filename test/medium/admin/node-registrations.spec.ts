import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService, NodesService } from '../../../src/admin/index.js';
import { databaseToken, type Database, type DatabaseName } from '../../../src/database/index.js';
import { ClaimsService, TaskWishesService } from '../../../src/shared/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';

const PASSWORD = 'correct horse';
const GPU = { node_id: 'gpu-1', host: '10.0.0.5', port: 8188, max_concurrent: 2, capabilities: ['text_to_image'] };

interface Registered {
  status: string;
  is_new: boolean;
  node_token?: string;
}

describe('nodes that register themselves (real: the routes, MariaDB; nobody looks at the nodes)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let url: string;
  let admin: ApiClient;
  let nodes: NodesService;
  let nodeToken: string;

  beforeAll(async () => {
    server = await startScratchServer();
    ({ app, url } = await startApi(server));
    await app.get(AdminUsersService).create({ username: 'ada', password: PASSWORD, role: 'admin' });
    await app.get(AdminUsersService).create({ username: 'vic', password: PASSWORD, role: 'viewer' });
    admin = await ApiClient.signInAsAdmin(url, 'ada', PASSWORD);
    nodes = app.get(NodesService);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const databaseOf = (name: DatabaseName) => app.get<Database>(databaseToken(name), { strict: false });

  /** Status and body of a call under a node's token. */
  async function asNode(token: string, path: string, body: object) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await new ApiClient(url).send('POST', path, body, headers);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  async function refusal(path: string, body?: object) {
    const answer = await admin.send('POST', path, body);
    return { status: answer.status, body: (await answer.json()) as { code: string; detail: string } };
  }

  it('gives a token with the first registration by an admin, and with no other', async () => {
    const first = await admin.json<Registered>('POST', '/api/nodes/register', {
      ...GPU,
      metadata: { location: 'cellar' },
    });
    expect(first).toEqual({
      node_id: 'gpu-1',
      status: 'offline',
      is_new: true,
      node_token: expect.stringMatching(/^cwsn_gpu-1~/),
    });
    nodeToken = first.node_token!;
    const again = await admin.json<Registered>('POST', '/api/nodes/register', { ...GPU, metadata: null });
    expect(again).toEqual({ node_id: 'gpu-1', status: 'offline', is_new: false });
    expect(await nodes.get('gpu-1')).toMatchObject({
      url: 'http://10.0.0.5:8188',
      maxConcurrent: 2,
      taskTypes: ['text_to_image'],
      metadata: { location: 'cellar' },
    });
  });

  it('stores no token that could be read again', async () => {
    const [row] = await databaseOf('admin').rows<{ hash: string }>('SELECT node_token_hash AS hash FROM nodes');
    expect(row!.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(nodeToken).not.toContain(row!.hash);
  });

  it('lets a node speak for itself, and for no other', async () => {
    const asked = { ...GPU, max_concurrent: 3, name: 'GPU 1', metadata: { priority: 9, rack: 4 } };
    expect(await asNode(nodeToken, '/api/nodes/register', asked)).toMatchObject({
      status: 200,
      body: { is_new: false },
    });
    const { maxConcurrent, name, metadata } = await nodes.get('gpu-1');
    expect({ maxConcurrent, name, metadata }).toEqual({
      maxConcurrent: 2,
      name: 'GPU 1',
      metadata: { location: 'cellar', rack: 4 },
    });
    for (const path of ['/api/nodes/register', '/api/nodes/heartbeat']) {
      expect(await asNode(nodeToken, path, { ...GPU, node_id: 'gpu-2' })).toMatchObject({
        status: 403,
        body: { code: 'NOT_THIS_NODE' },
      });
    }
    expect((await asNode(nodeToken, '/api/nodes/gpu-1/cordon', {})).status).toBe(401);
    expect((await asNode(`${nodeToken.slice(0, -1)}~`, '/api/nodes/heartbeat', GPU)).status).toBe(401);
  });

  it('notes heartbeats, and leaves the status to our own look', async () => {
    const answer = await asNode(nodeToken, '/api/nodes/heartbeat', {
      node_id: 'gpu-1',
      cpu_usage: 12.5,
      gpu_usage: 99,
    });
    expect(answer).toEqual({ status: 200, body: { node_id: 'gpu-1', status: 'offline', is_cordoned: false } });
    expect(await nodes.get('gpu-1')).toMatchObject({
      status: 'offline',
      lastHeartbeat: expect.any(Date),
      usage: { cpu: 12.5, memory: 0, gpu: 99, gpuMemory: 0 },
    });
    expect(await refusal('/api/nodes/heartbeat', { node_id: 'nobody' })).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('register it first') },
    });
    expect((await refusal('/api/nodes/heartbeat', { node_id: 'gpu-1', cpu_usage: 101 })).status).toBe(422);
  });

  it('takes the token from a node that is given a new one', async () => {
    const { node_token: next } = await admin.json<{ node_token: string }>('POST', '/api/nodes/gpu-1/token');
    expect((await asNode(nodeToken, '/api/nodes/heartbeat', { node_id: 'gpu-1' })).status).toBe(401);
    expect((await asNode(next, '/api/nodes/heartbeat', { node_id: 'gpu-1' })).status).toBe(200);
    nodeToken = next;
  });

  it.each([
    ['an address in place of a host', { host: 'http://10.0.0.5/' }],
    ['no port', { port: 0 }],
    ['a bad id', { node_id: 'a b' }],
    ['metadata with things in it', { metadata: { tags: ['a'] } }],
    ['metadata beyond all measure', { metadata: { notes: 'x'.repeat(9_000) } }],
  ])('refuses %s', async (_what, wrong) => {
    expect((await refusal('/api/nodes/register', { ...GPU, node_id: 'gpu-9', ...wrong })).status).toBe(422);
  });

  it('registers no address twice', async () => {
    expect(await refusal('/api/nodes/register', { ...GPU, node_id: 'gpu-2' })).toMatchObject({
      status: 409,
      body: { code: 'NODE_EXISTS', detail: expect.stringContaining('gpu-1') },
    });
  });

  it('I11 moves a node to another address only when nothing of it is open', async () => {
    const wish = makeTaskWish();
    await app.get(TaskWishesService).apply([wish]);
    const claim = { taskId: wish.taskId, runNo: 1, nodeId: 'gpu-1', slot: 0, reason: 'test' };
    await app.get(ClaimsService).claimAll([claim]);
    const moved = { ...GPU, host: '10.0.0.6' };
    expect(await refusal('/api/nodes/register', moved)).toMatchObject({
      status: 409,
      body: {
        code: 'NODE_BUSY',
        detail: expect.stringMatching(/1 open prompts at http:\/\/10\.0\.0\.5:8188.*\/drain/),
      },
    });
    expect(await asNode(nodeToken, '/api/nodes/register', GPU)).toMatchObject({ status: 200 });
    expect(await admin.json('POST', '/api/nodes/gpu-1/drain')).toEqual({
      node_id: 'gpu-1',
      is_cordoned: true,
      drain_until: expect.any(String),
      open_prompts: 1,
    });
    await databaseOf('shared').run(
      `UPDATE node_task_assignments SET status = 'failed', slot = NULL, open_task_id = NULL`,
    );
    expect(await admin.json('POST', '/api/nodes/gpu-1/drain')).toMatchObject({ open_prompts: 0 });
    await admin.json('POST', '/api/nodes/register', moved);
    expect((await nodes.get('gpu-1')).url).toBe('http://10.0.0.6:8188');
  });

  it('lets a node move itself to where it calls from, with its breaker, and nowhere else', async () => {
    const breakerOf = async () =>
      (await databaseOf('admin').rows<{ breaker: string }>('SELECT breaker FROM nodes'))[0]!.breaker;
    await databaseOf('admin').run(`UPDATE nodes SET breaker = '{"workflows": {}}'`);
    expect(await asNode(nodeToken, '/api/nodes/register', { ...GPU, host: '169.254.169.254' })).toMatchObject({
      status: 403,
      body: { code: 'NODE_MOVE_REFUSED', detail: expect.stringContaining('An admin must move it') },
    });
    expect((await nodes.get('gpu-1')).url).toBe('http://10.0.0.6:8188');
    expect((await asNode(nodeToken, '/api/nodes/register', { ...GPU, host: '127.0.0.1' })).status).toBe(200);
    expect((await nodes.get('gpu-1')).url).toBe('http://127.0.0.1:8188');
    expect(await breakerOf()).not.toBeNull();
    await admin.json('POST', '/api/nodes/register', GPU);
    expect(await breakerOf()).toBeNull();
  });

  it('cordons and uncordons', async () => {
    await admin.json('POST', '/api/nodes/gpu-1/uncordon');
    expect((await nodes.get('gpu-1')).isCordoned).toBe(false);
    await admin.json('POST', '/api/nodes/gpu-1/cordon');
    expect((await nodes.get('gpu-1')).isCordoned).toBe(true);
    expect((await refusal('/api/nodes/nobody/cordon')).status).toBe(404);
  });

  it('shows the cluster in numbers', async () => {
    expect(await admin.json('GET', '/api/cluster/stats')).toMatchObject({
      total_nodes: 1,
      online_nodes: 0,
      nodes_by_status: { maintenance: 1, online: 0 },
      queued_tasks: 0,
      running_tasks: 1,
    });
    expect(await admin.json('GET', '/api/load-balancer/config')).toMatchObject({ strategy: 'least_loaded' });
  });

  it('lets a viewer look and nothing else', async () => {
    const viewer = await ApiClient.signInAsAdmin(url, 'vic', PASSWORD);
    expect((await viewer.send('GET', '/api/cluster/stats')).status).toBe(200);
    const paths = ['register', 'heartbeat', 'gpu-1/cordon', 'gpu-1/uncordon', 'gpu-1/drain', 'gpu-1/token'];
    for (const path of paths) expect((await viewer.send('POST', `/api/nodes/${path}`, GPU)).status).toBe(403);
    expect((await viewer.send('DELETE', '/api/nodes/gpu-1')).status).toBe(403);
  });

  it('lets a node go, with its token', async () => {
    expect((await admin.send('DELETE', '/api/nodes/gpu-1')).status).toBe(200);
    expect((await admin.send('DELETE', '/api/nodes/gpu-1')).status).toBe(404);
    expect((await asNode(nodeToken, '/api/nodes/register', GPU)).status).toBe(401);
  });
});
