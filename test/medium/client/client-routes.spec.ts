import { Readable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientUsersService, ClientWorkflowsService, TaskStatesService } from '../../../src/client/index.js';
import { BLOB_STORE, type BlobStore } from '../../../src/storage/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { makeResult, makeState } from '../../factories/task-state.factory.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';

const PASSWORD = 'correct horse';

describe("the client page's routes", () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let url: string;
  let authorization: string;

  beforeAll(async () => {
    server = await startScratchServer();
    ({ app, url } = await startApi(server));
    await app.get(ClientUsersService).create({ username: 'ann', password: PASSWORD });
    await app.get(ClientWorkflowsService).storeVersions([makePublishedWorkflow()]);
    const answer = await login(JSON.stringify({ username: 'ann', password: PASSWORD }), 'application/json');
    authorization = `Bearer ${((await answer.json()) as { access_token: string }).access_token}`;
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const login = (body: BodyInit, type?: string) =>
    fetch(`${url}/api/auth/login`, { method: 'POST', body, ...(type ? { headers: { 'content-type': type } } : {}) });
  const ask = (path: string, { headers, ...init }: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization, ...(headers as Record<string, string>) } });
  const submit = (body: object) =>
    ask('/api/v2/tasks/text-to-image', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const form = (fields: Record<string, string>) => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    return data;
  };

  it.each([
    ['multipart', form({ username: 'ann', password: PASSWORD })],
    ['URL-encoded', new URLSearchParams({ username: 'ann', password: PASSWORD })],
  ])('C1 take a sign-in as a %s form', async (_, body) => {
    const answer = await login(body);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ token_type: 'bearer', user_info: { username: 'ann' } });
  });

  it('C1 say what is missing, what is wrong, and take no file for a name', async () => {
    expect((await login(form({ username: 'ann' }))).status).toBe(422);
    expect((await login(form({ username: 'ann', password: 'wrong' }))).status).toBe(401);
    expect((await login('{"username": ["ann"], "password": {}}', 'application/json')).status).toBe(422);
    const withFile = form({ password: PASSWORD });
    withFile.set('username', new Blob(['ann']), 'ann.txt');
    expect((await login(withFile)).status).toBeGreaterThanOrEqual(400);
  });

  it('answer 401 with a body that every page can read', async () => {
    for (const path of ['/api/v2/tasks', '/api/v2/tasks/x/status', '/api/auth/profile']) {
      const answer = await fetch(`${url}${path}`, { headers: { authorization: 'Bearer nonsense' } });
      expect(answer.status).toBe(401);
      const text = expect.any(String);
      expect(await answer.json()).toEqual({ detail: text, message: text, code: 'UNAUTHORIZED', requestId: text });
    }
  });

  it('C3 answer 200 with the task, 422 with the fields at fault', async () => {
    const good = await submit({ prompt: 'a cat', width: 512, height: 1480 });
    expect(good.status).toBe(200);
    expect(await good.json()).toMatchObject({ task_id: expect.any(String), status: 'queued', estimated_time: 60 });
    const bad = await submit({ prompt: '', width: '512' });
    expect(bad.status).toBe(422);
    const { errors } = (await bad.json()) as { errors: { field: string }[] };
    expect(new Set(errors.map(({ field }) => field))).toEqual(new Set(['prompt', 'width']));
  });

  it('C2 take a page and filters, and refuse nonsense', async () => {
    expect(await (await ask('/api/v2/tasks?limit=1&status=queued')).json()).toMatchObject({ limit: 1, tasks: [{}] });
    for (const query of ['limit=0', 'limit=101', 'offset=-1', 'status=lost', 'task_type=x']) {
      expect((await ask(`/api/v2/tasks?${query}`)).status).toBe(422);
    }
  });

  it('C6 send a stored picture, whole and in part', async () => {
    const { task_id: taskId } = (await (await submit({ prompt: 'a cat' })).json()) as { task_id: string };
    const blob = await app.get<BlobStore>(BLOB_STORE).receive(Readable.from([Buffer.from('0123456789')]));
    await blob.commit();
    const early = await ask(`/api/v2/tasks/${taskId}/download`);
    expect([early.status, ((await early.json()) as { code: string }).code]).toEqual([409, 'TASK_NOT_FINISHED']);
    const results = [makeResult(0, { fileHash: blob.hash })];
    await app.get(TaskStatesService).applyStates([makeState({ taskId, status: 'completed', results })]);
    const whole = await ask(`/api/v2/tasks/${taskId}/download?index=0`);
    expect([whole.status, whole.headers.get('content-type'), await whole.text()]).toEqual([
      200,
      'image/png',
      '0123456789',
    ]);
    const part = await ask(`/api/v2/tasks/${taskId}/download`, { headers: { range: 'bytes=-3' } });
    expect([part.status, await part.text()]).toEqual([206, '789']);
    expect((await ask(`/api/v2/tasks/${taskId}/download?index=1`)).status).toBe(404);
    expect((await ask(`/api/v2/tasks/${taskId}/download?index=x`)).status).toBe(422);
  });

  it('cancel a task, and end the sign-in', async () => {
    const { task_id: taskId } = (await (await submit({ prompt: 'a cat' })).json()) as { task_id: string };
    const cancelled = await ask(`/api/v2/tasks/${taskId}`, { method: 'DELETE' });
    expect([cancelled.status, await cancelled.json()]).toEqual([200, { message: expect.any(String), task_id: taskId }]);
    expect((await ask('/api/v2/tasks/nothing', { method: 'DELETE' })).status).toBe(404);
    expect((await ask('/api/auth/profile')).status).toBe(200);
    expect((await ask('/api/auth/logout', { method: 'POST' })).status).toBe(200);
    expect((await ask('/api/auth/profile')).status).toBe(401);
  });
});
