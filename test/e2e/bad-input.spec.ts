import { Installation, PASSWORD } from '../support/installation.js';
import { ApiClient } from '../support/api-client.js';

interface ErrorBody {
  detail: string;
  message: string;
  code: string;
  requestId: string;
  errors?: { field: string; message: string }[];
}

const TASK = { prompt: 'a cat', width: 64, height: 64, workflow_name: 'sd_basic', seed: 1 };
const SUBMIT = '/api/v2/tasks/text-to-image';

describe('wrong requests (real: the whole application, without nodes)', () => {
  let installation: Installation;
  let alice: ApiClient;
  let bob: ApiClient;
  let nobody: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([]);
    alice = await installation.signIn('alice');
    bob = await installation.signIn('bob');
    nobody = new ApiClient(installation.app.url);
  });

  afterAll(() => installation.stop());

  async function refusal(response: Response): Promise<ErrorBody & { status: number }> {
    const body = (await response.json()) as ErrorBody;
    expect(body).toMatchObject({ detail: expect.any(String), code: expect.stringMatching(/^[A-Z_]+$/) });
    expect(body.message).toBe(body.detail);
    expect(body.requestId).toBe(response.headers.get('x-request-id'));
    return { ...body, status: response.status };
  }

  it.each([
    ['an empty prompt', { prompt: '   ' }, 'prompt'],
    ['a prompt that is too long', { prompt: 'x'.repeat(2_001) }, 'prompt'],
    ['no prompt at all', { prompt: undefined }, 'prompt'],
    ['a width that is no multiple of 8', { width: 513 }, 'width'],
    ['a height beyond 2048', { height: 2_056 }, 'height'],
    ['a number as text', { width: '512' }, 'width'],
    ['a seed beyond what a number holds', { seed: 2 ** 53 }, 'seed'],
    ['a workflow that is not there', { workflow_name: 'nowhere' }, 'workflow_name'],
    ['a batch id that is too long', { batch_id: 'x'.repeat(65) }, 'batch_id'],
    ['a field hidden among the parameters', { parameters: { width: 4_096 } }, 'parameters'],
    ['a parameter without an end', { parameters: { style: 'x'.repeat(5_000) } }, 'parameters'],
  ])('answers %s with 422 and the field at fault', async (_, change, field) => {
    const body = await refusal(await alice.send('POST', SUBMIT, { ...TASK, ...change }));
    expect(body).toMatchObject({ status: 422, errors: expect.arrayContaining([expect.objectContaining({ field })]) });
  });

  it('answers JSON that is none with 400, and a body that is too large with 413', async () => {
    const json = { 'content-type': 'application/json' };
    expect((await refusal(await alice.send('POST', SUBMIT, '{"prompt":', json))).status).toBe(400);
    expect((await refusal(await alice.send('POST', SUBMIT, `"${'x'.repeat(2 ** 21)}"`, json))).status).toBe(413);
  });

  it('takes a prompt that was cut in the middle of an emoji', async () => {
    const answer = await bob.send('POST', SUBMIT, { ...TASK, prompt: 'a cat \ud83d', batch_id: 'cut' });
    expect(answer.status).toBe(200);
    const { task_id: taskId } = (await answer.json()) as { task_id: string };
    const task = (await (await bob.send('GET', `/api/v2/tasks/${taskId}`)).json()) as { result_data: object };
    expect(JSON.stringify(task)).toContain('a cat \ufffd');
  });

  it('answers a missing, a wrong and a foreign token with 401', async () => {
    expect((await refusal(await nobody.send('GET', '/api/v2/tasks'))).status).toBe(401);
    const headers = { authorization: 'Bearer nonsense' };
    expect((await refusal(await nobody.send('GET', '/api/v2/tasks', undefined, headers))).status).toBe(401);
    expect((await refusal(await alice.send('GET', '/admin/nodes'))).status).toBe(401);
  });

  it("answers another user's task, and one that never was, with the same 404", async () => {
    const taskId = await alice.submit(TASK);
    for (const path of ['', '/status', '/download']) {
      const foreign = await refusal(await bob.send('GET', `/api/v2/tasks/${taskId}${path}`));
      const unknown = await refusal(await bob.send('GET', `/api/v2/tasks/${crypto.randomUUID()}${path}`));
      expect([foreign.status, foreign.code]).toEqual([404, unknown.code]);
    }
    expect((await refusal(await bob.send('DELETE', `/api/v2/tasks/${taskId}`))).status).toBe(404);
  });

  it('answers the download of a task that is not done with 409', async () => {
    const taskId = await alice.submit(TASK);
    expect(await refusal(await alice.send('GET', `/api/v2/tasks/${taskId}/download`))).toMatchObject({ status: 409 });
  });

  it('answers an unknown route with 404, and sends CORS headers with errors too', async () => {
    const response = await nobody.send('GET', '/nowhere', undefined, { origin: 'http://localhost:5173' });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect((await refusal(response)).status).toBe(404);
  });

  it('answers an address that cannot be read in the same form, with CORS headers', async () => {
    const response = await nobody.send('GET', '/api/v2/tasks/%', undefined, { origin: 'http://localhost:5173' });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect((await refusal(response)).status).toBe(400);
  });

  it('lets thirty tabs of one user sign in at once', async () => {
    const form = new URLSearchParams({ username: 'alice', password: PASSWORD });
    const answers = await Promise.all(Array.from({ length: 30 }, () => nobody.send('POST', '/api/auth/login', form)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  it('refuses nothing of this to those who ask rightly', async () => {
    const form = new URLSearchParams({ username: 'alice', password: PASSWORD });
    const login = await nobody.json<Record<string, unknown>>('POST', '/api/auth/login', form);
    expect(login).toMatchObject({ access_token: expect.any(String), token_type: 'bearer' });
    const { tasks, total } = await alice.json<{ tasks: unknown[]; total: number }>('GET', '/api/v2/tasks?limit=1');
    expect(tasks).toHaveLength(1);
    expect(total).toBe(2);
  });

  it('answers a wrong password with 401, and many of them with 429 and Retry-After', async () => {
    const attempt = () => nobody.send('POST', '/api/auth/login', { username: 'carol', password: 'wrong' });
    expect((await refusal(await attempt())).status).toBe(401);
    const answers = [];
    for (let time = 0; time < 12; time += 1) answers.push(await attempt());
    expect(answers.at(-1)!.status).toBe(429);
    expect(Number(answers.at(-1)!.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
