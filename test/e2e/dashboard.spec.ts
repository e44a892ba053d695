import { type ApiClient } from '../support/api-client.js';
import { Installation, PASSWORD, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';

/** As the dashboard's HTTP library asks. */
const ACCEPT = { accept: 'application/json, text/plain, */*' };
const TEXT = expect.any(String) as string;
const NUMBER = expect.any(Number) as number;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const NODE_STATUSES = ['online', 'offline', 'busy', 'error', 'maintenance'];

interface Task {
  task_id: string;
  status: string;
  progress: number;
  result_data: { files: string[] };
}

/** The deployed dashboard's own calls (rest.md, 2), with what it sends and reads of the answers. */
describe("the dashboard's calls (real: the whole application, simulated nodes)", () => {
  let installation: Installation;
  let user: ApiClient;
  let token: string;
  let url: string;
  let done: string;

  beforeAll(async () => {
    installation = await Installation.start([
      { name: 'one', stepMs: 2 },
      { name: 'two', stepMs: 2 },
    ]);
    url = installation.app.url;
    await installation.app.createAdminIfAbsent('root', PASSWORD);
    user = await installation.signIn('alice');
    token = await signIn();
    await waitFor(async () => (await nodes()).every(({ status }) => status === 'online'), { what: 'both nodes' });
    done = await submit();
    await waitUntilOver(user, [done]);
  });

  afterAll(() => installation.stop());

  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method, headers: { ...ACCEPT, authorization: `Bearer ${token}`, ...headers } });
  const read = async <T>(path: string) => {
    const answer = await ask('GET', path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    return (await answer.json()) as T;
  };
  const nodes = () => read<{ id: string; status: string }[]>('/admin/nodes');
  const submit = () => user.submit({ prompt: 'a cat', negative_prompt: 'dogs', width: 64, height: 64 });

  const login = (username: string, password: string) =>
    fetch(`${url}/admin/login`, {
      method: 'POST',
      headers: { ...ACCEPT, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ username, password }).toString(),
    });

  async function signIn(): Promise<string> {
    const answer = await login('root', PASSWORD);
    expect(answer.status).toBe(200);
    const { access_token: given } = (await answer.json()) as { access_token: string };
    expect(given).toEqual(TEXT);
    return given;
  }

  it('A1 signs in with an urlencoded form, and reads why it was refused', async () => {
    const refused = await login('root', 'wrong');
    expect([refused.status, await refused.json()]).toEqual([
      401,
      expect.objectContaining({ detail: TEXT, message: TEXT, code: TEXT, requestId: TEXT }),
    ]);
  });

  it('A2 shows the numbers of its first page', async () => {
    const fraction = (value: number) => value >= 0 && value <= 1;
    type Status = Record<string, number> & { system_load: { cpu: number; memory: number } };
    const status = await read<Status>('/admin/system/status');
    expect(status).toMatchObject({
      total_nodes: 2,
      online_nodes: 2,
      total_tasks: NUMBER,
      running_tasks: NUMBER,
      completed_tasks: NUMBER,
      failed_tasks: NUMBER,
    });
    expect([status.system_load.cpu, status.system_load.memory].every(fraction)).toBe(true);
  });

  it('A3 reads the nodes as a bare array', async () => {
    const list = await nodes();
    expect(list).toHaveLength(2);
    for (const node of list) expect(Object.keys(node).sort()).toEqual(['id', 'name', 'status']);
    expect(list).toEqual(
      ['sim-1', 'sim-2'].map((id) => ({ id, name: TEXT, status: expect.stringMatching(/^(online|busy)$/) as string })),
    );
  });

  it('A4 reads tasks and a total, at each of its page sizes and by its two filters', async () => {
    for (const limit of [10, 20, 50, 100]) {
      const { tasks, total } = await read<{ tasks: Task[]; total: number }>(`/admin/tasks?limit=${limit}&offset=0`);
      expect([tasks.length, total]).toEqual([1, 1]);
    }
    const { tasks } = await read<{ tasks: Task[] }>(
      '/admin/tasks?limit=10&offset=0&status=completed&task_type=text_to_image',
    );
    expect(tasks).toMatchObject([
      {
        task_id: done,
        task_type: 'text_to_image',
        status: 'completed',
        prompt: 'a cat',
        negative_prompt: 'dogs',
        progress: 100,
        message: null,
        created_at: TIME,
        updated_at: TIME,
        result_data: { files: [expect.stringMatching(/^https?:\/\//)] },
      },
    ]);
    for (const empty of ['status=failed', 'task_type=image_to_video', 'offset=10']) {
      expect(await read(`/admin/tasks?limit=10&${empty}`)).toMatchObject({ tasks: [] });
    }
  });

  it('A4 shows a picture by an <img>, which sends no token, and nobody without a signature', async () => {
    const { tasks } = await read<{ tasks: Task[] }>('/admin/tasks?limit=10&offset=0');
    const address = tasks[0]!.result_data.files[0]!;
    const picture = await fetch(address, { headers: { accept: 'image/*' } });
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect((await fetch(address.split('?')[0]!)).status).toBe(401);
  });

  it('A5 cancels a task without a body, and reads why it cannot', async () => {
    await Promise.all(['sim-1', 'sim-2'].map((id) => ask('POST', `/api/nodes/${id}/cordon`)));
    const taskId = await submit();
    expect((await ask('POST', `/admin/tasks/${taskId}/cancel`)).status).toBe(200);
    await waitUntilOver(user, [taskId]);
    const { tasks } = await read<{ tasks: Task[] }>('/admin/tasks?limit=10&offset=0&status=cancelled');
    expect(tasks.map(({ task_id: id }) => id)).toEqual([taskId]);
    const refused = await ask('POST', `/admin/tasks/${done}/cancel`);
    expect([refused.status, await refused.json()]).toEqual([409, expect.objectContaining({ detail: TEXT })]);
    await Promise.all(['sim-1', 'sim-2'].map((id) => ask('POST', `/api/nodes/${id}/uncordon`)));
  });

  it('A6 reads the cluster, with numbers that are always there', async () => {
    const cluster = await read<{ nodes: { status: string }[]; cluster_stats: object }>('/api/nodes');
    expect(cluster.nodes).toHaveLength(2);
    for (const node of cluster.nodes) {
      expect(NODE_STATUSES).toContain(node.status);
      expect(node).toMatchObject({
        node_id: TEXT,
        host: '127.0.0.1',
        port: NUMBER,
        load_percentage: NUMBER,
        current_load: NUMBER,
        max_concurrent: NUMBER,
        capabilities: ['text_to_image', 'image_to_video'],
        last_heartbeat: TIME,
        metadata: { gpu_model: TEXT, location: null },
      });
    }
    expect(cluster.cluster_stats).toEqual({
      total_nodes: 2,
      online_nodes: 2,
      current_load: NUMBER,
      load_percentage: NUMBER,
    });
  });

  it('A7 asks single nodes whether they answer', async () => {
    expect(await read('/api/nodes/sim-1/health')).toMatchObject({ success: true });
    await installation.simulators[1]!.stop();
    expect(await read('/api/nodes/sim-2/health')).toMatchObject({ success: false });
    expect((await ask('GET', '/api/nodes/nobody/health')).status).toBe(404);
    await waitFor(async () => (await nodes())[1]!.status !== 'online', { what: 'the lost node' });
    expect(await read('/api/nodes')).toMatchObject({ cluster_stats: { total_nodes: 2, online_nodes: 1 } });
  });

  it('A8 downloads a file with the admin’s token', async () => {
    const picture = await ask('GET', `/api/v2/tasks/${done}/download?index=0`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(
      Buffer.from(await picture.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect((await ask('GET', `/api/v2/tasks/${done}/download?index=7`)).status).toBe(404);
  });

  it.each([
    ['POST', '/admin/tasks/x/cancel'],
    ['GET', '/admin/nodes'],
    ['GET', '/admin/tasks?limit=10&offset=0'],
    ['GET', '/api/nodes'],
    ['GET', '/api/nodes/sim-1/health'],
  ])('%s %s sends the dashboard back to its sign-in once the token holds no more', async (method, path) => {
    const answer = await ask(method, path, { authorization: 'Bearer over' });
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ detail: TEXT })]);
  });

  it('answers its origin, errors included', async () => {
    const [origin = ''] = installation.server.settings.server.corsOrigins;
    const answer = await ask('GET', '/admin/nodes', { origin, authorization: 'Bearer over' });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
  });
});
