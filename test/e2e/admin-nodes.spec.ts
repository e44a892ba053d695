import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';

interface Node {
  status: string;
  version: string;
  classes: string[];
  models: Record<string, string[]>;
  open_prompts: { task_id: string }[];
  recent_attempts: { task_id: string }[];
  success_rate: number | null;
}

describe("nodes in an admin's hands (real: the whole application, simulated nodes)", () => {
  let installation: Installation;
  let user: ApiClient;
  let admin: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([{ name: 'one', stepMs: 100 }]);
    user = await installation.signIn('alice');
    admin = await installation.signInAsAdmin();
    await waitFor(async () => (await get('sim-1')).status === 'online', { what: 'the node' });
  });

  afterAll(() => installation.stop());

  const get = (nodeId: string) => admin.json<Node>('GET', `/api/admin/nodes/${nodeId}`);
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await admin.send(method, path, body);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('are added by their address, as by the command', async () => {
    const request = { url: 'http://10.0.0.9:8188/', priority: 3, metadata: { location: 'rack 3' } };
    expect(await ask('POST', '/api/admin/nodes', request)).toMatchObject({
      status: 201,
      body: {
        node_id: 'node-10-0-0-9-8188',
        url: 'http://10.0.0.9:8188',
        status: 'offline',
        max_concurrent: 4,
        metadata: { location: 'rack 3', priority: 3 },
        classes: [],
        models: {},
        open_prompts: [],
        recent_attempts: [],
        success_rate: null,
      },
    });
    expect(await ask('POST', '/api/admin/nodes', request)).toMatchObject({
      status: 409,
      body: { code: 'NODE_EXISTS' },
    });
    const bad = [
      {},
      { url: 'ftp://x' },
      { url: 'http://x:1', max_concurrent: 0 },
      { url: 'http://x:1', node_id: 'a b' },
    ];
    for (const body of [...bad, { url: 'http://x:1', metadata: { deep: {} } }]) {
      expect((await ask('POST', '/api/admin/nodes', body)).status).toBe(422);
    }
  });

  it('are one a address, however many add it at once', async () => {
    const url = 'http://10.0.0.77:8188';
    const ids = ['a', 'b', 'c', 'd', 'e'].map((letter) => `twin-${letter}`);
    const added = await Promise.all(ids.map((node_id) => ask('POST', '/api/admin/nodes', { url, node_id })));
    expect(added.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    const refused = added.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({
      code: 'NODE_EXISTS',
      detail: expect.stringContaining(`${url} is registered`),
    });
    const winner = String(added.find(({ status }) => status === 201)!.body.node_id);
    const { entries } = await admin.json<{ entries: { action: string }[] }>(
      'GET',
      `/api/admin/audit?target_id=${winner}`,
    );
    expect(entries.map(({ action }) => action)).toEqual(['node.register']);
  });

  it('are changed by one admin at a time', async () => {
    const path = '/api/admin/nodes/node-10-0-0-9-8188';
    const { version } = await get('node-10-0-0-9-8188');
    const change = { name: 'GPU 9', max_concurrent: 8, metadata: { gpu_model: 'H100', location: null }, version };
    expect(await ask('PATCH', path, change)).toMatchObject({
      status: 200,
      body: { name: 'GPU 9', max_concurrent: 8, metadata: { gpu_model: 'H100', priority: 3 } },
    });
    expect(await ask('PATCH', path, change)).toMatchObject({ status: 409, body: { code: 'NODE_CHANGED' } });
    expect(await ask('PATCH', path, { url: installation.simulators[0]!.url })).toMatchObject({ status: 409 });
    expect(await ask('PATCH', path, { url: 'http://10.0.0.10:8188' })).toMatchObject({
      status: 409,
      body: { code: 'NODE_NOT_CORDONED' },
    });
    await ask('POST', `/api/nodes/${path.split('/').at(-1)}/cordon`);
    expect(await ask('PATCH', path, { url: 'http://10.0.0.10:8188' })).toMatchObject({
      body: { url: 'http://10.0.0.10:8188', host: '10.0.0.10', name: 'GPU 9' },
    });
    const { version: moved } = await get('node-10-0-0-9-8188');
    expect(await ask('PATCH', path, {})).toMatchObject({ status: 200, body: { version: moved } });
    const { total } = await admin.json<{ total: number }>(
      'GET',
      '/api/admin/audit?action=node.change&target_id=node-10-0-0-9-8188',
    );
    expect(total).toBe(2);
    expect((await ask('PATCH', path, { priority: -1 })).status).toBe(422);
    expect((await ask('PATCH', '/api/admin/nodes/nobody', { name: 'x' })).status).toBe(404);
  });

  it('show what they can do, what they run and how that went; and do not move while they run it (I11)', async () => {
    const before = await get('sim-1');
    expect(before.classes).toContain('KSampler');
    expect(Object.keys(before.models)).toContain('CheckpointLoaderSimple.ckpt_name');
    const taskId = await user.submit({ prompt: 'a cat', width: 64, height: 64 });
    const running = await waitFor(
      async () => {
        const node = await get('sim-1');
        return node.open_prompts.length > 0 ? node : undefined;
      },
      { what: 'the prompt' },
    );
    expect(running.open_prompts).toMatchObject([{ task_id: taskId, workflow_name: 'sd_basic', attempt_no: 1 }]);
    expect(running.version).toBe(before.version);
    expect(await ask('PATCH', '/api/admin/nodes/sim-1', { url: 'http://10.0.0.11:8188' })).toMatchObject({
      status: 409,
      body: { code: 'NODE_BUSY' },
    });
    await waitUntilOver(user, [taskId]);
    expect(await get('sim-1')).toMatchObject({
      open_prompts: [],
      recent_attempts: [{ task_id: taskId, status: 'completed', error_code: null, run_seconds: expect.any(Number) }],
      success_rate: 1,
    });
  });
});
