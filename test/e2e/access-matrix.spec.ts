import { SCOPE_NAMES } from '../../src/client/auth/scopes.js';
import { ADMIN_ROLES, AdminUsersService, isAtLeast, type AdminRole } from '../../src/admin/index.js';
import { ApiClient } from '../support/api-client.js';
import { Installation, PASSWORD, waitUntilOver } from '../support/installation.js';
import { startServices } from '../support/start-services.js';
import { upload } from '../support/upload.js';

/**
 * Who may use a route: everybody, a signed-in user, an administrator. `owned` names what of a user's the route is
 * about: to another user it does not exist.
 */
interface Access {
  for: 'everybody' | 'users' | 'users and admins' | 'admins';
  owned?: 'task' | 'upload' | 'key';
  body?: (ids: Ids) => unknown;
  /** Without it the route knows nothing to answer. */
  query?: string;
  /** Only for what is not a GET: a key that may only read can do it, or a viewer. */
  changesNothing?: true;
  /** The least role of an admin. Where nothing is said: a viewer for what is looked at, more for what changes. */
  least?: AdminRole;
}

/** What the owner has, by the names that routes give it in their paths. */
interface Ids {
  taskId: string;
  fileId: string;
  path: string;
  keyId: string;
}

interface Description {
  paths: Record<string, Record<string, { security?: object[] }>>;
}

const MATRIX: Record<string, Access> = {
  'GET /api/health': { for: 'everybody' },
  'GET /api/v2/health': { for: 'everybody' },
  'GET /api/health/live': { for: 'everybody' },
  'GET /api/health/ready': { for: 'everybody' },
  'POST /admin/login': { for: 'everybody' },
  'POST /api/auth/login': { for: 'everybody' },
  'POST /api/auth/refresh': { for: 'everybody' },
  'POST /api/v2/auth/register': { for: 'everybody' },
  'POST /api/v2/auth/token': { for: 'everybody' },
  'GET /api/auth/profile': { for: 'users' },
  'POST /api/auth/logout': { for: 'users' },
  'GET /api/v2/api-keys': { for: 'users' },
  'POST /api/v2/api-keys': { for: 'users' },
  'DELETE /api/v2/api-keys/{keyId}': { for: 'users', owned: 'key' },
  'GET /api/v2/config': { for: 'users' },
  'GET /api/v2/system/config': { for: 'users' },
  'GET /api/v2/workflows': { for: 'users' },
  'GET /api/v2/workflows/{name}': { for: 'users' },
  'POST /api/v2/workflows/{name}/validate': { for: 'users', changesNothing: true },
  'GET /api/v2/tasks': { for: 'users' },
  'POST /api/v2/tasks/text-to-image': { for: 'users' },
  'POST /api/v2/tasks/image-to-video': {
    for: 'users',
    owned: 'upload',
    body: ({ path }) => ({ prompt: 'a cat', image: path }),
  },
  'POST /api/v2/tasks/reload': { for: 'users', owned: 'task', body: ({ taskId }) => ({ task_id: taskId }) },
  'GET /api/v2/tasks/{taskId}': { for: 'users', owned: 'task' },
  'GET /api/v2/tasks/{taskId}/status': { for: 'users', owned: 'task' },
  'GET /api/v2/tasks/{taskId}/download': { for: 'users and admins', owned: 'task' },
  'GET /api/v2/tasks/{taskId}/events': { for: 'users', owned: 'task' },
  'DELETE /api/v2/tasks/{taskId}': { for: 'users', owned: 'task' },
  'POST /api/v2/upload/image': { for: 'users' },
  'GET /api/v2/uploads/{path}': { for: 'users', owned: 'upload' },
  'GET /api/v2/files': { for: 'users' },
  'GET /api/v2/files/{fileId}': { for: 'users', owned: 'upload' },
  'DELETE /api/v2/files/{fileId}': { for: 'users', owned: 'upload' },
  'GET /api/v2/events': { for: 'users' },
  'POST /api/v2/events/token': { for: 'users' },
  'GET /api/v2/webhooks': { for: 'users' },
  'PUT /api/v2/webhooks': { for: 'users' },
  'DELETE /api/v2/webhooks': { for: 'users' },
  'GET /api/v2/webhooks/deliveries': { for: 'users' },
  'POST /api/v2/webhooks/deliveries/{deliveryId}/replay': { for: 'users' },
  'GET /admin/nodes': { for: 'admins' },
  'GET /admin/system/status': { for: 'admins' },
  'GET /api/admin/performance/current': { for: 'admins' },
  'GET /api/admin/performance/history': { for: 'admins', query: '?metric_type=task&metric_name=queue_depth' },
  'GET /api/admin/performance/summary': { for: 'admins' },
  'GET /admin/tasks': { for: 'admins' },
  'POST /admin/tasks/{taskId}/cancel': { for: 'admins' },
  'POST /api/admin/tasks/cancel': { for: 'admins' },
  'GET /api/admin/tasks/{taskId}': { for: 'admins' },
  'GET /api/admin/tasks/{taskId}/story': { for: 'admins' },
  'POST /api/admin/tasks/{taskId}/requeue': { for: 'admins' },
  'POST /api/admin/tasks/{taskId}/priority': { for: 'admins' },
  'GET /admin/users': { for: 'admins' },
  'GET /api/admin/users': { for: 'admins' },
  'POST /api/admin/users': { for: 'admins' },
  'GET /api/admin/users/{clientId}': { for: 'admins' },
  'PATCH /api/admin/users/{clientId}': { for: 'admins' },
  'POST /api/admin/users/{clientId}/quota/reset': { for: 'admins' },
  'POST /api/admin/users/{clientId}/password': { for: 'admins' },
  'POST /api/admin/users/{clientId}/sessions/revoke': { for: 'admins' },
  'GET /api/admin/files': { for: 'admins' },
  'DELETE /api/admin/files/{fileId}': { for: 'admins' },
  'GET /api/admin/storage': { for: 'admins' },
  'GET /outputs/{file}': { for: 'admins' },
  'GET /admin/tasks/dead-letters': { for: 'admins' },
  'POST /admin/tasks/dead-letters/redrive': { for: 'admins' },
  'POST /admin/tasks/{taskId}/redrive': { for: 'admins' },
  'POST /api/admin/nodes': { for: 'admins' },
  'GET /api/admin/nodes/{nodeId}': { for: 'admins' },
  'PATCH /api/admin/nodes/{nodeId}': { for: 'admins' },
  'GET /api/nodes': { for: 'admins' },
  'POST /api/nodes/register': { for: 'admins' },
  'POST /api/nodes/heartbeat': { for: 'admins' },
  'DELETE /api/nodes/{nodeId}': { for: 'admins' },
  'POST /api/nodes/{nodeId}/cordon': { for: 'admins' },
  'POST /api/nodes/{nodeId}/uncordon': { for: 'admins' },
  'POST /api/nodes/{nodeId}/drain': { for: 'admins' },
  'POST /api/nodes/{nodeId}/token': { for: 'admins' },
  'GET /api/cluster/stats': { for: 'admins' },
  'GET /api/load-balancer/config': { for: 'admins' },
  'GET /api/nodes/{nodeId}/breaker': { for: 'admins' },
  'POST /api/nodes/{nodeId}/breaker/reset': { for: 'admins' },
  'POST /api/nodes/{nodeId}/canary': { for: 'admins' },
  'GET /api/nodes/{nodeId}/health': { for: 'admins' },
  'GET /api/admin/account': { for: 'admins', least: 'viewer' },
  'POST /api/admin/account/password': { for: 'admins', least: 'viewer' },
  'POST /api/admin/account/totp': { for: 'admins', least: 'viewer' },
  'POST /api/admin/account/totp/confirm': { for: 'admins', least: 'viewer' },
  'DELETE /api/admin/account/totp': { for: 'admins', least: 'viewer' },
  'GET /api/admin/account/sessions': { for: 'admins', least: 'viewer' },
  'DELETE /api/admin/account/sessions/{sessionId}': { for: 'admins', least: 'viewer' },
  'POST /api/admin/account/logout': { for: 'admins', least: 'viewer' },
  'GET /api/admin/admins': { for: 'admins', least: 'admin' },
  'POST /api/admin/admins': { for: 'admins', least: 'super_admin' },
  'GET /api/admin/admins/{adminId}': { for: 'admins', least: 'admin' },
  'PATCH /api/admin/admins/{adminId}': { for: 'admins', least: 'super_admin' },
  'POST /api/admin/admins/{adminId}/password': { for: 'admins', least: 'super_admin' },
  'DELETE /api/admin/admins/{adminId}/totp': { for: 'admins', least: 'super_admin' },
  'GET /api/admin/admins/{adminId}/sessions': { for: 'admins', least: 'admin' },
  'DELETE /api/admin/admins/{adminId}/sessions': { for: 'admins', least: 'super_admin' },
  'DELETE /api/admin/admins/{adminId}/sessions/{sessionId}': { for: 'admins', least: 'super_admin' },
  'GET /api/admin/audit': { for: 'admins', least: 'admin' },
  'GET /api/admin/audit/{entryId}': { for: 'admins', least: 'admin' },
  'GET /api/admin/config': { for: 'admins', least: 'viewer' },
  'GET /api/admin/config/{key}': { for: 'admins', least: 'viewer' },
  'PUT /api/admin/config/{key}': { for: 'admins', least: 'admin' },
  'DELETE /api/admin/config/{key}': { for: 'admins', least: 'admin' },
  'GET /api/admin/config/{key}/history': { for: 'admins', least: 'viewer' },
  'GET /api/admin/models': { for: 'admins', least: 'viewer' },
  'PATCH /api/admin/models/{id}': { for: 'admins', least: 'operator' },
  'GET /api/admin/workflows': { for: 'admins', least: 'viewer' },
  'POST /api/admin/workflows': { for: 'admins', least: 'operator' },
  'GET /api/admin/workflows/{name}': { for: 'admins', least: 'viewer' },
  'PATCH /api/admin/workflows/{name}': { for: 'admins', least: 'operator' },
  'DELETE /api/admin/workflows/{name}': { for: 'admins', least: 'operator' },
  'GET /api/admin/workflows/{name}/inputs': { for: 'admins', least: 'viewer' },
  'POST /api/admin/workflows/{name}/try': { for: 'admins', least: 'operator' },
  'POST /api/admin/workflows/{name}/publish': { for: 'admins', least: 'admin' },
  'POST /api/admin/workflows/{name}/rollback': { for: 'admins', least: 'admin' },
  'POST /api/admin/workflows/{name}/enabled': { for: 'admins', least: 'admin' },
  'GET /api/admin/workflows/{name}/versions': { for: 'admins', least: 'viewer' },
  'GET /api/admin/workflows/{name}/versions/{version}': { for: 'admins', least: 'viewer' },
  'GET /api/admin/workflows/{name}/diff': { for: 'admins', least: 'viewer' },
  'GET /api/admin/logs/system': { for: 'admins', least: 'operator' },
  'GET /api/admin/logs/access': { for: 'admins', least: 'operator' },
  'GET /api/admin/logs/statistics': { for: 'admins', least: 'operator' },
  'GET /api/admin/logs/tasks/{taskId}': { for: 'admins', least: 'operator' },
  'GET /api/admin/jobs': { for: 'admins' },
  'GET /api/admin/jobs/{name}/runs': { for: 'admins' },
  'POST /api/admin/jobs/{name}/run': { for: 'admins' },
  'GET /api/admin/statistics/tasks': { for: 'admins' },
  'GET /api/admin/statistics/times': { for: 'admins' },
  'GET /api/admin/statistics/workflows': { for: 'admins' },
  'GET /api/admin/statistics/nodes': { for: 'admins' },
  'GET /api/admin/statistics/users': { for: 'admins' },
  'GET /api/admin/statistics/storage': { for: 'admins' },
  'GET /api/admin/statistics/overview': { for: 'admins' },
  'GET /api/flames/datasets': { for: 'admins' },
  'POST /api/flames/datasets': { for: 'admins' },
  'GET /api/flames/datasets/{datasetId}': { for: 'admins' },
  'GET /api/flames/report/{taskId}': { for: 'admins' },
  'GET /api/flames/report/{taskId}/download': { for: 'admins' },
  'GET /api/flames/report/{taskId}/export': { for: 'admins', query: '?format=csv' },
  'GET /api/flames/logs/{taskId}/download': { for: 'admins' },
  'GET /api/flames/compare': { for: 'admins', query: '?a=a&b=b' },
  'GET /api/flames/trends': { for: 'admins', query: '?model_name=m' },
  'PUT /api/flames/tasks/{taskId}/legal-hold': { for: 'admins' },
  'DELETE /api/flames/tasks/{taskId}/legal-hold': { for: 'admins' },
  'GET /api/flames/admin/logs/stats': { for: 'admins' },
  'POST /api/flames/create_task': { for: 'admins' },
  'POST /api/flames/estimate': { for: 'admins' },
  'POST /api/flames/test_target': { for: 'admins' },
  'POST /api/flames/event-token': { for: 'admins', changesNothing: true },
  'GET /api/flames/progress/{taskId}': { for: 'admins' },
  'GET /api/flames/history': { for: 'admins' },
  'GET /api/flames/tasks/{taskId}': { for: 'admins' },
  'POST /api/flames/tasks/{taskId}/cancel': { for: 'admins' },
  'POST /api/flames/tasks/{taskId}/pause': { for: 'admins' },
  'POST /api/flames/tasks/{taskId}/resume': { for: 'admins' },
};

/** Which a node may use with a token of its own. */
const OF_NODES = new Set(['POST /api/nodes/register', 'POST /api/nodes/heartbeat']);

const routes = Object.entries(MATRIX).map(([route, access]) => ({ route, ...access }));
const forUsers = routes.filter((route) => route.for.startsWith('users'));
const forAdmins = routes.filter((route) => route.for === 'admins');
const forRoles = forAdmins.filter(({ least }) => least !== undefined);
const closed = routes.filter((route) => route.for !== 'everybody');

describe('who may use which route (real: the whole application)', () => {
  let installation: Installation;
  let nobody: ApiClient;
  let owner: ApiClient;
  let stranger: ApiClient;
  let admin: ApiClient;
  let viewer: ApiClient;
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
    viewer = await signInAs('viewer');
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

  it.each(forRoles)('$route is for the role $least and above, and for no other', async (route) => {
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

  it.each(forAdmins.filter(({ least }) => !least))(
    '$route is for a viewer to look at, and to change nothing',
    async (route) => {
      const answer = await send(viewer, route);
      if (route.route.startsWith('GET') || route.changesNothing) {
        expect([200, 404]).toContain(answer.status);
        await answer.body?.cancel();
      } else {
        expect(answer.status).toBe(403);
        expect(await answer.json()).toMatchObject({ code: 'ROLE_TOO_LOW' });
      }
    },
  );

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

  it.each(closed.filter(({ owned }) => owned))('$route shows nothing of it to another user', async (route) => {
    expect(await ask(stranger, route)).toBe(404);
    expect(await ask(owner, route)).not.toBe(404);
  });
});
