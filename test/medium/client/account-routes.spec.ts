import { Readable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService } from '../../../src/admin/index.js';
import { ClientUsersService, ClientWorkflowsService, TaskStatesService } from '../../../src/client/index.js';
import { BLOB_STORE, type BlobStore } from '../../../src/storage/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { makeResult, makeState } from '../../factories/task-state.factory.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';

const PASSWORD = 'correct horse';

describe('the routes of accounts and scripts (real: every route, the databases)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let url: string;
  let nobody: ApiClient;
  let ann: ApiClient;

  beforeAll(async () => {
    server = await startScratchServer();
    ({ app, url } = await startApi(server, { auth: { registration: 'open' } }));
    for (const username of ['ann', 'bob']) await app.get(ClientUsersService).create({ username, password: PASSWORD });
    await app
      .get(ClientWorkflowsService)
      .storeVersions([makePublishedWorkflow(), makePublishedWorkflow({ workflowName: 'Wan2.1 i2v' })]);
    nobody = new ApiClient(url);
    ann = await ApiClient.signIn(url, 'ann', PASSWORD);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const makeKey = (scopes: string[]) =>
    ann.json<{ api_key: string; key_id: string }>('POST', '/api/v2/api-keys', { name: 'script', scopes });
  const byKey = (key: string, method: string, path: string, body?: unknown) =>
    nobody.send(method, path, body, { 'x-api-key': key });
  const outcomeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];

  it('make an account that can sign in, and say what is wrong with one', async () => {
    const register = (body: object) => nobody.send('POST', '/api/v2/auth/register', body);
    const made = await register({ username: ' eve ', password: PASSWORD });
    expect([made.status, await made.json()]).toEqual([
      200,
      { client_id: expect.any(String), username: 'eve', nickname: 'eve', quota_limit: expect.any(Number) },
    ]);
    await expect(ApiClient.signIn(url, 'eve', PASSWORD)).resolves.toBeDefined();
    expect(await outcomeOf(await register({ username: 'EVE', password: PASSWORD }))).toEqual([409, 'USERNAME_TAKEN']);
    for (const wrong of [
      {},
      { username: 'mallory', password: 'short' },
      { username: 'mallory-and-co', password: 'Mallory-and-Co' },
      { username: 'a b', password: PASSWORD },
      { username: ['x'], password: {} },
      { username: 'mallory', password: PASSWORD, nickname: 'x'.repeat(101) },
    ]) {
      expect((await register(wrong)).status).toBe(422);
    }
  });

  it('refresh over HTTP, answer to two at once alike, and never let tokens be kept by a cache', async () => {
    const signedIn = await nobody.send('POST', '/api/auth/login', { username: 'bob', password: PASSWORD });
    const { refresh_token: token } = (await signedIn.json()) as { refresh_token: string };
    const answers = await Promise.all(
      [1, 2].map(() => nobody.send('POST', '/api/auth/refresh', { refresh_token: token })),
    );
    for (const { headers } of [signedIn, ...answers]) expect(headers.get('cache-control')).toBe('no-store');
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { refresh_token: string }[];
    expect(new Set(bodies.map((body) => body.refresh_token)).size).toBe(1);
    for (const wrong of [{}, { refresh_token: 7 }, { refresh_token: '' }]) {
      expect((await nobody.send('POST', '/api/auth/refresh', wrong)).status).toBe(422);
    }
  });

  it('let a key do what its scopes say, and neither see nor make keys, nor sign out', async () => {
    const { api_key: key } = await makeKey(['tasks:read']);
    expect((await byKey(key, 'GET', '/api/v2/tasks')).status).toBe(200);
    const submitted = await byKey(key, 'POST', '/api/v2/tasks/text-to-image', { prompt: 'x' });
    expect(await outcomeOf(submitted)).toEqual([403, 'SCOPE_MISSING']);
    expect(await outcomeOf(await byKey(key, 'GET', '/api/auth/profile'))).toEqual([403, 'SCOPE_MISSING']);
    for (const [method, path] of [
      ['GET', '/api/v2/api-keys'],
      ['POST', '/api/v2/api-keys'],
      ['POST', '/api/auth/logout'],
    ] as const) {
      expect(await outcomeOf(await byKey(key, method, path))).toEqual([403, 'NOT_BY_API_KEY']);
    }
    expect(await outcomeOf(await byKey(`${key}x`, 'GET', '/api/v2/tasks'))).toEqual([401, 'INVALID_API_KEY']);
  });

  it("keep a user's keys from everybody else, and refuse nonsense", async () => {
    const { key_id: keyId } = await makeKey(['account:read']);
    const bob = await ApiClient.signIn(url, 'bob', PASSWORD);
    expect((await bob.send('DELETE', `/api/v2/api-keys/${keyId}`)).status).toBe(404);
    expect((await bob.json<{ total: number }>('GET', '/api/v2/api-keys')).total).toBe(0);
    expect((await ann.send('DELETE', `/api/v2/api-keys/${keyId}`)).status).toBe(200);
    const scopes = ['tasks:read'];
    for (const wrong of [
      { name: '', scopes },
      { name: 'x', scopes: [] },
      { name: 'x', scopes: 'tasks:read' },
      { name: 'x', scopes: ['root'] },
      { name: 'x', scopes, expires_in_days: 0 },
    ]) {
      expect((await ann.send('POST', '/api/v2/api-keys', wrong)).status).toBe(422);
    }
  });

  it('give a token for client id and key: as a form, as JSON and by Basic authentication', async () => {
    const { api_key: secret } = await makeKey(['account:read']);
    const { client_id: id } = await ann.json<{ client_id: string }>('GET', '/api/auth/profile');
    const fields = { grant_type: 'client_credentials', client_id: id, client_secret: secret };
    const basic = { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
    const ask = (body: unknown, headers = {}) => nobody.send('POST', '/api/v2/auth/token', body, headers);
    const onlyType = new URLSearchParams({ grant_type: 'client_credentials' });
    for (const answer of [await ask(new URLSearchParams(fields)), await ask(fields), await ask(onlyType, basic)]) {
      expect(answer.status).toBe(200);
      const { access_token: token } = (await answer.json()) as { access_token: string };
      const authorization = `Bearer ${token}`;
      expect((await nobody.send('GET', '/api/auth/profile', undefined, { authorization })).status).toBe(200);
      expect((await nobody.send('GET', '/api/v2/tasks', undefined, { authorization })).status).toBe(403);
    }
    expect(await outcomeOf(await ask({ ...fields, client_secret: PASSWORD }))).toEqual([401, 'INVALID_CLIENT']);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ ...fields, grant_type: 'password' })).status).toBe(422);
  });

  it('A8 send an admin the files of any task, and nothing else of a user', async () => {
    await app.get(AdminUsersService).create({ username: 'root', password: PASSWORD, role: 'viewer' });
    const admin = await ApiClient.signInAsAdmin(url, 'root', PASSWORD);
    const taskId = await ann.submit({ prompt: 'a cat' });
    const blob = await app.get<BlobStore>(BLOB_STORE).receive(Readable.from([Buffer.from('0123456789')]));
    await blob.commit();
    const results = [makeResult(0, { fileHash: blob.hash })];
    await app.get(TaskStatesService).applyStates([makeState({ taskId, status: 'completed', results })]);
    const path = `/api/v2/tasks/${taskId}/download?index=0`;
    const file = await admin.send('GET', path);
    expect([file.status, await file.text()]).toEqual([200, '0123456789']);
    expect((await admin.send('GET', '/api/v2/tasks/nothing/download')).status).toBe(404);
    for (const other of [`/api/v2/tasks/${taskId}`, '/api/v2/tasks', '/api/auth/profile']) {
      expect((await admin.send('GET', other)).status).toBe(401);
    }
    const bob = await ApiClient.signIn(url, 'bob', PASSWORD);
    expect((await bob.send('GET', path)).status).toBe(404);
    expect((await nobody.send('GET', path)).status).toBe(401);
  });

  it('show the workflows and what a submit would make of a body', async () => {
    const { workflows, total } = await ann.json<{ workflows: object[]; total: number }>('GET', '/api/v2/workflows');
    expect(total).toBe(2);
    const parameters = ['prompt', 'width', 'seed', 'cfg'].map((name): unknown => expect.objectContaining({ name }));
    expect(workflows[0]).toMatchObject({ name: 'sd_basic', task_type: 'text_to_image', version: 1, parameters });
    expect(JSON.stringify(workflows)).not.toContain('class_type');
    expect(await ann.json('GET', '/api/v2/workflows/Wan2.1%20i2v')).toMatchObject({ name: 'Wan2.1 i2v' });
    expect((await ann.send('GET', '/api/v2/workflows/none')).status).toBe(404);
    const validate = (body: unknown) => ann.json('POST', '/api/v2/workflows/sd_basic/validate', body);
    expect(await validate({ prompt: ' a cat ', width: 768, steps: 9, parameters: { glow: 1 } })).toEqual({
      valid: true,
      errors: [],
      warnings: [
        { field: 'glow', message: expect.stringContaining('ignored') },
        { field: 'steps', message: expect.stringContaining('ignored') },
      ],
      processed_params: { prompt: 'a cat', width: 768, seed: -1, steps: 30, cfg: 6.5 },
    });
    expect(await validate({ prompt: '', width: 513 })).toMatchObject({
      valid: false,
      errors: [{ field: 'prompt' }, { field: 'width' }],
      processed_params: {},
    });
    expect((await ann.send('POST', '/api/v2/workflows/sd_basic/validate', [1])).status).toBe(422);
    expect((await ann.send('POST', '/api/v2/workflows/none/validate', {})).status).toBe(404);
  });

  it('say what this installation offers, on both addresses', async () => {
    const config = await ann.json<object>('GET', '/api/v2/config');
    expect(config).toMatchObject({
      task_types: [{ name: 'text_to_image', default_workflow: 'sd_basic', workflows: ['sd_basic', 'Wan2.1 i2v'] }],
      formats: { upload: ['image/jpeg', 'image/png', 'image/webp'] },
      limits: { prompt_characters: 2000, upload_bytes: 10_485_760, queued_per_user: 500 },
    });
    expect(await ann.json('GET', '/api/v2/system/config')).toEqual(config);
  });
});
