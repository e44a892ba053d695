import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientUsersService } from '../../../src/client/index.js';
import { type Database, databaseToken } from '../../../src/database/index.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { waitFor } from '../../support/wait-for.js';

const PASSWORD = 'correct horse';

interface LogRow {
  clientId: string | null;
  action: string;
  endpoint: string;
  status: number;
  userAgent: string | null;
  requestId: string;
  durationMs: number;
}

describe('floods and the access log (real: every route, the databases)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let url: string;

  const start = async (limits: Record<string, number> = {}, auth: Record<string, string> = {}) => {
    ({ app, url } = await startApi(server, { limits, auth }));
  };

  beforeAll(async () => {
    server = await startScratchServer();
  });

  afterEach(() => app.close());
  afterAll(() => server.stop());

  const signUp = async (username: string) => {
    const { clientId } = await app.get(ClientUsersService).create({ username, password: PASSWORD });
    return { clientId, api: await ApiClient.signIn(url, username, PASSWORD) };
  };
  const logOf = (database: Database, endpoint: string) =>
    database.rows<LogRow>(
      `SELECT client_id AS clientId, action, endpoint, status_code AS status, user_agent AS userAgent,
              request_id AS requestId, response_time AS durationMs
       FROM client_access_logs WHERE endpoint = ? ORDER BY id`,
      [endpoint],
    );

  it('a user who floods is told when to come again, by whatever credential, and others go on', async () => {
    await start({ requestsPerUser: 20 });
    const [ann, bob] = [await signUp('ann'), await signUp('bob')];
    const again = await ApiClient.signIn(url, 'ann', PASSWORD);
    const { api_key: key } = await ann.api.json<{ api_key: string }>('POST', '/api/v2/api-keys', {
      name: 'x',
      scopes: ['tasks:read'],
    });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => [ann.api, again][index % 2]!.send('GET', '/api/v2/tasks')),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const text = expect.any(String);
    expect(await refused.json()).toEqual({ detail: text, message: text, code: 'RATE_LIMITED', requestId: text });
    const byKey = await new ApiClient(url).send('GET', '/api/v2/tasks', undefined, { 'x-api-key': key });
    expect(byKey.status).toBe(429);
    expect((await bob.api.send('GET', '/api/v2/tasks')).status).toBe(200);
  });

  it('an address that floods is stopped at every route but health and docs, with CORS headers on the answer', async () => {
    await start({ requestsPerAddress: 10 });
    const stranger = new ApiClient(url);
    const origin = 'http://localhost:5173';
    const answers = await Promise.all(
      Array.from({ length: 15 }, () => stranger.send('GET', '/admin/tasks', undefined, { origin })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]!.headers.get('access-control-allow-origin')).toBe(origin);
    for (const path of ['/api/v2/tasks', '/api/nodes']) expect((await stranger.send('GET', path)).status).toBe(429);
    for (const path of ['/api/health', '/api/v2/health', '/docs', '/openapi.json']) {
      expect([path, (await stranger.send('GET', path)).status]).toEqual([path, 200]);
    }
  });

  it('registration is closed where nobody opened it', async () => {
    await start();
    const account = { username: 'eve', password: PASSWORD };
    const closed = await new ApiClient(url).send('POST', '/api/v2/auth/register', account);
    expect([closed.status, await closed.json()]).toMatchObject([403, { code: 'REGISTRATION_CLOSED' }]);
  });

  it('open registration takes twenty tries an hour from one address', async () => {
    await start({}, { registration: 'open' });
    const register = (password: string) =>
      new ApiClient(url).send('POST', '/api/v2/auth/register', { username: 'eve', password });
    for (let attempt = 0; attempt < 20; attempt += 1) expect((await register('short')).status).toBe(422);
    const refused = await register(PASSWORD);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500);
  });

  it("the client's requests are logged with user, route, path without query, outcome and request id", async () => {
    await start();
    const database = app.get<Database>(databaseToken('client'), { strict: false });
    const { clientId, api } = await signUp('cat');
    const path = '/api/v2/tasks/no-such-task/download';
    const answer = await api.send('GET', `${path}?index=0&secret=x`, undefined, { 'user-agent': 'test/1' });
    await new ApiClient(url).send('GET', path);
    const rows = await waitFor(async () => {
      const found = await logOf(database, path);
      return found.length === 2 ? found : undefined;
    });
    expect(rows[0]).toEqual({
      clientId,
      action: 'GET /api/v2/tasks/:taskId/download',
      endpoint: path,
      status: 404,
      userAgent: 'test/1',
      requestId: answer.headers.get('x-request-id'),
      durationMs: expect.any(Number),
    });
    expect(rows[1]).toMatchObject({ clientId: null, status: 401 });
  });

  it('what is not written yet is written when the service stops', async () => {
    await start();
    const { api } = await signUp('dog');
    await Promise.all(Array.from({ length: 25 }, (_, index) => api.send('GET', `/api/v2/workflows/w${index}`)));
    await app.close();
    await start();
    const database = app.get<Database>(databaseToken('client'), { strict: false });
    const [row] = await database.rows<{ rows: string }>(
      "SELECT COUNT(*) AS `rows` FROM client_access_logs WHERE action = 'GET /api/v2/workflows/:name'",
    );
    expect(Number(row!.rows)).toBe(25);
  });
});
