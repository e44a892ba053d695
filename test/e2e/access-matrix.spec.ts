import { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';

/**
 * Who may use a route: everybody, a signed-in user, an administrator. `owned` names what of a user's the route is
 * about: to another user it does not exist.
 */
interface Access {
  for: 'everybody' | 'users' | 'admins';
  owned?: 'task';
  body?: (ids: Ids) => unknown;
}

interface Ids {
  task: string;
}

const MATRIX: Record<string, Access> = {
  'GET /api/health': { for: 'everybody' },
  'GET /api/v2/health': { for: 'everybody' },
  'POST /admin/login': { for: 'everybody' },
  'POST /api/auth/login': { for: 'everybody' },
  'GET /api/auth/profile': { for: 'users' },
  'POST /api/auth/logout': { for: 'users' },
  'GET /api/v2/tasks': { for: 'users' },
  'POST /api/v2/tasks/text-to-image': { for: 'users' },
  'POST /api/v2/tasks/reload': { for: 'users', owned: 'task', body: ({ task }) => ({ task_id: task }) },
  'GET /api/v2/tasks/{taskId}': { for: 'users', owned: 'task' },
  'GET /api/v2/tasks/{taskId}/status': { for: 'users', owned: 'task' },
  'GET /api/v2/tasks/{taskId}/download': { for: 'users', owned: 'task' },
  'DELETE /api/v2/tasks/{taskId}': { for: 'users', owned: 'task' },
  'GET /admin/nodes': { for: 'admins' },
  'GET /admin/tasks': { for: 'admins' },
  'GET /api/nodes': { for: 'admins' },
};

const routes = Object.entries(MATRIX).map(([route, access]) => ({ route, ...access }));
const closed = routes.filter((route) => route.for !== 'everybody');

describe('who may use which route (real: the whole application)', () => {
  let installation: Installation;
  let nobody: ApiClient;
  let owner: ApiClient;
  let stranger: ApiClient;
  let admin: ApiClient;
  let ids: Ids;

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }]);
    nobody = new ApiClient(installation.app.url);
    owner = await installation.signIn('alice');
    stranger = await installation.signIn('mallory');
    admin = await installation.signInAsAdmin();
    ids = { task: await owner.submit({ prompt: 'a cat', width: 64, height: 64 }) };
    await waitUntilOver(owner, [ids.task]);
  });

  afterAll(() => installation.stop());

  async function ask(client: ApiClient, { route, body }: { route: string } & Access, headers = {}): Promise<number> {
    const [method, path] = route.split(' ') as [string, string];
    const address = path.replace('{taskId}', ids.task).replaceAll(/\{\w+\}/g, crypto.randomUUID());
    const sent = method === 'GET' ? undefined : body?.(ids);
    const answer = await client.send(method, address, sent, headers);
    await answer.body?.cancel();
    return answer.status;
  }

  it('is said of every route that there is, and of no other', async () => {
    const { paths } = await nobody.json<{ paths: Record<string, object> }>('GET', '/openapi.json');
    const all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(Object.keys(MATRIX).sort()).toEqual(all.sort());
  });

  it.each(routes.filter((route) => route.for === 'everybody'))('$route is open to everybody', async (route) => {
    const status = await ask(nobody, route);
    // A sign-in without a form is refused for that, and not for a token.
    expect([200, 422]).toContain(status);
  });

  it.each(closed)(
    '$route knows nobody without a token, with a bad one, or with that of another side',
    async (route) => {
      expect(await ask(nobody, route)).toBe(401);
      expect(await ask(nobody, route, { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x' })).toBe(401);
      expect(await ask(nobody, route, { authorization: 'Basic YWxpY2U6eA==' })).toBe(401);
      expect(await ask(route.for === 'users' ? admin : owner, route)).toBe(401);
    },
  );

  it.each(closed.filter(({ owned }) => owned))('$route shows nothing of it to another user', async (route) => {
    expect(await ask(stranger, route)).toBe(404);
    expect(await ask(owner, route)).not.toBe(404);
  });
});
