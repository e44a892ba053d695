import { SCOPE_NAMES } from '../../src/client/auth/scopes.js';
import { ADMIN_ROLES, AdminUsersService, isAtLeast, type AdminRole } from '../../src/admin/index.js';
import { ApiClient } from '../support/api-client.js';
import { Installation, PASSWORD, waitUntilOver } from '../support/installation.js';
import { MATRIX, type Access, type Ids } from '../support/route-access.js';
import { startServices } from '../support/start-services.js';
import { upload } from '../support/upload.js';

interface Description {
  paths: Record<string, Record<string, { security?: object[] }>>;
}

/** Which a node may use with a token of its own. */
const OF_NODES = new Set(['POST /api/nodes/register', 'POST /api/nodes/heartbeat']);

const routes = Object.entries(MATRIX).map(([route, access]) => ({ route, ...access }));
const forUsers = routes.filter((route) => route.for.startsWith('users'));
const forAdmins = routes.filter((route) => route.for === 'admins');
const closed = routes.filter((route) => route.for !== 'everybody');

describe('who may use which route (real: the whole application)', () => {
  let installation: Installation;
  let nobody: ApiClient;
  let owner: ApiClient;
  let stranger: ApiClient;
  let admin: ApiClient;
  let nodeToken: string;
  let ids: Ids;
  let readOnlyKey: { 'x-api-key': string };

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }]);
    nobody = new ApiClient(installation.app.url);
    owner = await installation.signIn('alice');
    stranger = await installation.signIn('mallory');
    admin = await installation.signInAsAdmin();
    await makeOneOfEachRole();
    ({ node_token: nodeToken } = await admin.json<{ node_token: string }>('POST', '/api/nodes/sim-1/token'));
    const taskId = await owner.submit({ prompt: 'a cat', width: 64, height: 64 });
    await waitUntilOver(owner, [taskId]);
    const { file_id: fileId, relative_path: path } = await upload(owner);
    const key = await owner.json<{ key_id: string }>('POST', '/api/v2/api-keys', { name: 'k', scopes: ['tasks:read'] });
    ids = { taskId, fileId, path, keyId: key.key_id };
    const scopes = SCOPE_NAMES.filter((scope) => scope.endsWith(':read'));
    const readOnly = await owner.json<{ api_key: string }>('POST', '/api/v2/api-keys', { name: 'reads', scopes });
    readOnlyKey = { 'x-api-key': readOnly.api_key };
  });

  afterAll(() => installation.stop());

  async function makeOneOfEachRole(): Promise<void> {
    const services = await startServices(installation.server);
    const users = services.get(AdminUsersService);
    for (const role of ADMIN_ROLES) await users.create({ username: `a-${role}`, password: PASSWORD, role });
    await services.close();
  }

  /** Anew for each route: some of them end the sign-in. */
  function signInAs(role: AdminRole): Promise<ApiClient> {
    return ApiClient.signInAsAdmin(installation.app.url, `a-${role}`, PASSWORD);
  }

  async function send(
    client: ApiClient,
    { route, body, query = '' }: { route: string } & Access,
    headers = {},
  ): Promise<Response> {
    const [method, path] = route.split(' ') as [string, string];
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name as keyof Ids] ?? crypto.randomUUID());
    const sent = method === 'GET' ? undefined : body?.(ids);
    return client.send(method, address + query, sent, headers);
  }

  async function ask(client: ApiClient, route: { route: string } & Access, headers = {}): Promise<number> {
    const answer = await send(client, route, headers);
    await answer.body?.cancel();
    return answer.status;
  }

  /** As the description says; what it leaves out is for sign-ins by password alone. */
  async function isOpenToKeys(route: string): Promise<boolean> {
    const [method, path] = route.split(' ') as [string, string];
    const { paths } = await nobody.json<Description>('GET', '/openapi.json');
    return paths[path]![method.toLowerCase()]!.security!.some((way) => 'api-key' in way);
  }

  it('is said of every route that there is, and of no other', async () => {
    const { paths } = await nobody.json<Description>('GET', '/openapi.json');
    const all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(Object.keys(MATRIX).sort()).toEqual(all.sort());
  });

  it.each(routes.filter((route) => route.for === 'everybody'))('$route is open to everybody', async (route) => {
    const status = await ask(nobody, route);
    // A sign-in without a form is refused for that, and not for the want of a token.
    expect([200, 401, 403, 422]).toContain(status);
  });

  it.each(closed)(
    '$route knows nobody without a token, with a bad one, or with that of another side',
    async (route) => {
      expect(await ask(nobody, route)).toBe(401);
      expect(await ask(nobody, route, { authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x' })).toBe(401);
      expect(await ask(nobody, route, { authorization: 'Basic YWxpY2U6eA==' })).toBe(401);
      if (route.for === 'users and admins') expect(await ask(admin, route)).toBe(200);
      else expect(await ask(route.for === 'users' ? admin : owner, route)).toBe(401);
    },
  );

  // Before those of admins, who may remove what the owner has.
  it.each(closed.filter(({ owned }) => owned))('$route shows nothing of it to another user', async (route) => {
    expect(await ask(stranger, route)).toBe(404);
    expect(await ask(owner, route)).not.toBe(404);
  });

  it('says of every route for admins which role it asks for', () => {
    expect(forAdmins.filter(({ least }) => !least)).toEqual([]);
  });

  it.each(forAdmins)('$route is for the role $least and above, and for no other', async (route) => {
    for (const role of ADMIN_ROLES) {
      const answer = await send(await signInAs(role), route);
      if (isAtLeast(role, route.least!)) {
        expect([role, [200, 404, 409, 422].includes(answer.status)]).toEqual([role, true]);
        await answer.body?.cancel();
      } else {
        expect([role, answer.status]).toEqual([role, 403]);
        expect(await answer.json()).toMatchObject({ code: 'ROLE_TOO_LOW' });
      }
    }
  });

  it.each(forAdmins)('$route is closed to a node, but for what it says of itself', async (route) => {
    const status = await ask(nobody, route, { authorization: `Bearer ${nodeToken}` });
    if (OF_NODES.has(route.route)) expect(status).toBe(422);
    else expect([401, 403]).toContain(status);
  });

  it.each(forUsers)('$route changes nothing for an API key that may only read', async (route) => {
    const answer = await send(nobody, route, readOnlyKey);
    if (!(await isOpenToKeys(route.route))) {
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'NOT_BY_API_KEY' });
    } else if (route.route.startsWith('GET') || route.changesNothing) {
      expect(answer.status).not.toBe(403);
      await answer.body?.cancel();
    } else {
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'SCOPE_MISSING' });
    }
  });
});
