import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService, NodesService } from '../../../src/admin/index.js';
import { TaskWishesService } from '../../../src/shared/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';

const PASSWORD = 'correct horse';

describe("the dashboard's routes", () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let url: string;
  let authorization: string;

  beforeAll(async () => {
    server = await startScratchServer();
    ({ app, url } = await startApi(server));
    await app.get(AdminUsersService).create({ username: 'ada', password: PASSWORD, role: 'viewer' });
    const answer = await login(new URLSearchParams({ username: 'ada', password: PASSWORD }));
    authorization = `Bearer ${((await answer.json()) as { access_token: string }).access_token}`;
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const login = (body: BodyInit) => fetch(`${url}/admin/login`, { method: 'POST', body });
  const ask = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization } });
    return { status: answer.status, body: (await answer.json()) as unknown };
  };

  it('A1 answer a wrong password with a detail that is a text', async () => {
    const answer = await login(new URLSearchParams({ username: 'ada', password: 'wrong horse' }));
    expect([answer.status, await answer.json()]).toEqual([
      401,
      expect.objectContaining({ detail: expect.any(String) }),
    ]);
  });

  it.each(['/admin/nodes', '/admin/tasks', '/api/nodes'])('%s is shut without an admin token', async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(401);
  });

  it('A3 and A6 show the nodes', async () => {
    await app.get(NodesService).add({ url: 'http://gpu:8188', nodeId: 'n1', name: 'GPU 1' });
    expect(await ask('/admin/nodes')).toEqual({ status: 200, body: [{ id: 'n1', name: 'GPU 1', status: 'offline' }] });
    expect((await ask('/api/nodes')).body).toMatchObject({
      nodes: [{ node_id: 'n1', host: 'gpu', port: 8188, load_percentage: 0, capabilities: expect.any(Array) }],
      cluster_stats: { total_nodes: 1, online_nodes: 0, current_load: 0, load_percentage: 0 },
    });
  });

  it('A4 list the tasks of all users with a true total', async () => {
    await app.get(TaskWishesService).apply([makeTaskWish(), makeTaskWish()]);
    expect((await ask('/admin/tasks?limit=1&offset=0')).body).toMatchObject({
      total: 2,
      tasks: [{ status: 'queued', node_id: null, result_data: { files: [] }, started_at: null, completed_at: null }],
    });
    expect((await ask('/admin/tasks?status=failed')).body).toMatchObject({ total: 0, tasks: [] });
    expect((await ask('/admin/tasks?status=lost')).status).toBe(422);
  });
});
