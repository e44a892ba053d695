import { ScorerSimulator } from '../../simulators/flames-scorer/scorer-simulator.js';
import { OpenAiSimulator } from '../../simulators/openai/openai-simulator.js';
import type { ApiClient } from '../support/api-client.js';
import { makePrompts, MODEL } from '../support/flames-stage.js';
import { Installation } from '../support/installation.js';
import { EventReading, type ReadEvent } from '../support/read-events.js';
import { waitFor } from '../support/wait-for.js';

const SIZES = [10, 16, 8, 3, 3];
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const NOBODY = '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10';

describe('evaluations over HTTP (real: the whole application; simulated: the model and the scorer)', () => {
  const model = new OpenAiSimulator({ apiKey: 'sk-right', minLatencyMs: 20, maxLatencyMs: 40 });
  const scorer = new ScorerSimulator();
  let installation: Installation;
  let admin: ApiClient;
  let wish: { model_name: string; api_site: string; api_key: string };

  beforeAll(async () => {
    const [api_site, address] = await Promise.all([model.start(), scorer.start()]);
    wish = { model_name: MODEL, api_site, api_key: 'sk-right' };
    const flames = { allowPrivateTargets: true, scorer: { kind: 'flames', address } };
    installation = await Installation.start([], { flames });
    admin = await installation.signInAsAdmin();
    for (const name of ['one', 'two']) {
      const form = new FormData();
      form.set('file', new Blob([makePrompts(name, SIZES)]), `${name}.jsonl`);
      form.set('name', name);
      expect((await admin.send('POST', '/api/flames/datasets', form)).status).toBe(200);
    }
  });

  afterAll(async () => {
    await installation.stop();
    await Promise.all([model.stop(), scorer.stop()]);
  });

  async function create(more: object): Promise<string[]> {
    const body = { ...wish, ...more };
    const { tasks } = await admin.json<{ tasks: { task_id: string }[] }>('POST', '/api/flames/create_task', body);
    return tasks.map(({ task_id }) => task_id);
  }

  const getTask = (taskId: string) => admin.json<Record<string, unknown>>('GET', `/api/flames/tasks/${taskId}`);
  const waitForStatus = (taskId: string, status: string) =>
    waitFor(async () => (await getTask(taskId)).status === status || undefined, {
      timeoutMs: 30_000,
      what: `${taskId} to be ${status}`,
    });

  async function openByToken(taskId: string, place = ''): Promise<EventReading> {
    const { token } = await admin.json<{ token: string }>('POST', '/api/flames/event-token');
    const query = new URLSearchParams({ token, last_event_id: place }).toString();
    return EventReading.open(`${installation.app.url}/api/flames/progress/${taskId}?${query}`);
  }

  const readToEnd = (reading: EventReading) =>
    waitFor(() => reading.isOver || undefined, { timeoutMs: 30_000, what: 'the end of the stream' });
  const items = ({ events }: EventReading) => events.filter(({ data }) => 'finished_count' in data);
  const counts = (events: ReadEvent[]) => events.map(({ data }) => data.finished_count);

  it('takes the old body, one task for each dataset, and tells each finished item between two infos of the task', async () => {
    const created = await create({ ids: [10, '20'] });
    expect(created).toHaveLength(2);
    const reading = await openByToken(created[0]!);
    await readToEnd(reading);
    const [first, ...rest] = reading.events;
    expect(first!.data).toEqual({
      task_info: {
        task_id: created[0],
        model_name: MODEL,
        dataset_id: 10,
        submit_time: expect.stringMatching(TIME),
        end_time: null,
        status: expect.stringMatching(/pending|running/),
        result: null,
      },
    });
    expect(rest.at(-1)!.data).toMatchObject({
      task_info: { status: 'completed', end_time: expect.stringMatching(TIME) },
    });
    expect(counts(items(reading))).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(items(reading)[0]!.data).toMatchObject({ subcomponent: 'made', total_count: 40, status: 'scored' });
    expect(reading.events.some(({ data }) => 'eval_log' in data)).toBe(true);
    expect(reading.events.every(({ event }) => event === undefined)).toBe(true);
    await waitForStatus(created[1]!, 'completed');
  });

  it('goes on behind the last item that a reader has, and tells a late one all of them', async () => {
    const [taskId] = await create({ ids: 10 });
    await waitForStatus(taskId!, 'completed');
    const whole = await openByToken(taskId!);
    await readToEnd(whole);
    const later = await openByToken(taskId!, items(whole)[24]!.id);
    await readToEnd(later);
    expect(items(later)).toEqual(items(whole).slice(25));
  });

  it('never begins work by being read, and says why a task failed', async () => {
    const [taskId] = await create({ ids: [10], api_key: 'sk-wrong' });
    await waitForStatus(taskId!, 'failed');
    const reading = await openByToken(taskId!);
    await readToEnd(reading);
    const error = reading.events.find(({ data }) => 'error' in data)!.data;
    expect(error).toMatchObject({ code: 'TARGET_UNAUTHORIZED', task_id: taskId });
    expect(JSON.stringify(reading.events)).not.toContain('sk-wrong');
    expect(await getTask(taskId!)).toMatchObject({ status: 'failed', items: { scored: 0 } });
  });

  it('opens no stream by a token that is old, changed, or of another kind', async () => {
    for (const token of ['', 'x', 'v1.AAAA', 'eyJhbGciOiJIUzI1NiJ9.e30.x']) {
      const reading = await EventReading.open(`${installation.app.url}/api/flames/progress/${NOBODY}?token=${token}`);
      expect(reading.response.status).toBe(401);
    }
  });

  it('lists the history newest first in the old shape, and by filter and page when asked', async () => {
    const { tasks, ...rest } = await admin.json<{ tasks: Record<string, unknown>[] }>('GET', '/api/flames/history');
    expect([tasks.length, rest]).toEqual([4, {}]);
    const fields = ['dataset_id', 'end_time', 'model_name', 'status', 'submit_time', 'task_id'];
    expect(Object.keys(tasks[0]!).sort()).toEqual(fields);
    const times = tasks.map(({ submit_time }) => submit_time as string);
    expect(times).toEqual([...times].sort().reverse());
    const page = await admin.json('GET', '/api/flames/history?dataset_id=10&status=completed&limit=1&offset=1');
    expect(page).toEqual({ tasks: [expect.objectContaining({ dataset_id: 10, status: 'completed' })], total: 2 });
  });

  it('asks a model one question before a task, and estimates what that would take', async () => {
    expect(await admin.json('POST', '/api/flames/test_target', wish)).toMatchObject({ is_usable: true, problem: null });
    const wrong = await admin.json('POST', '/api/flames/test_target', { ...wish, api_key: 'sk-wrong' });
    expect(wrong).toMatchObject({ is_usable: false, error_class: 'unauthorized' });
    const estimate = { ids: [10, 20], repeats: 2, concurrency: 4 };
    expect(await admin.json('POST', '/api/flames/estimate', estimate)).toMatchObject({
      items: 160,
      based_on: 'defaults',
    });
    const known = await admin.json('POST', '/api/flames/estimate', { ...estimate, model_name: MODEL });
    expect(known).toMatchObject({ items: 160, calls: 160, based_on: 'recent runs' });
  });

  it('takes a field that is null for one that was left out', async () => {
    const nothing = { concurrency: null, repeats: null, sample: null, temperature: null, budget: null, scorer: null };
    const plain = await admin.json('POST', '/api/flames/estimate', { ids: 10, model_name: 'never seen' });
    const nulls = { ids: 10, model_name: 'never seen', ...nothing };
    expect(await admin.json('POST', '/api/flames/estimate', nulls)).toEqual(plain);
    const test = await admin.json('POST', '/api/flames/test_target', { ...wish, api_key: null });
    expect(test).toMatchObject({ is_usable: false, error_class: 'unauthorized' });
    const [taskId] = await create({ ids: 10, ...nothing });
    await waitForStatus(taskId!, 'completed');
  });

  it('takes samples of all dimensions, repeats, and wishes to pause and to cancel', async () => {
    const [taskId] = await create({ ids: [10], sample: 5, repeats: 2, concurrency: 1 });
    const { total_count: total } = await admin.json<{ total_count: number }>(
      'POST',
      `/api/flames/tasks/${taskId}/pause`,
    );
    expect(total).toBe(10);
    expect(await admin.json('POST', `/api/flames/tasks/${taskId}/resume`)).toMatchObject({ is_paused: false });
    await admin.json('POST', `/api/flames/tasks/${taskId}/cancel`);
    await waitForStatus(taskId!, 'cancelled');
    const again = await admin.send('POST', `/api/flames/tasks/${taskId}/cancel`);
    expect([again.status, await again.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'FLAMES_TASK_OVER', task_id: taskId, msg: expect.stringContaining('cancelled') }),
    ]);
  });

  it.each([
    ['an address of a cloud’s metadata', { api_site: 'http://169.254.169.254/v1' }, 422],
    ['an address that is none', { api_site: 'file:///etc/passwd' }, 422],
    ['a dataset that there is not', { ids: [77] }, 404],
    ['the same dataset twice', { ids: [10, 10] }, 422],
    ['no dataset', { ids: [] }, 422],
    ['too many requests at once', { concurrency: 51 }, 422],
    ['a scorer of no known kind', { scorer: { kind: 'guess' } }, 422],
    ['a judge without a model', { scorer: { kind: 'judge', address: 'https://judge.example.com' } }, 422],
    ['a key that no header can carry', { api_key: 'sk-ключ' }, 422],
    ['no model', { model_name: '' }, 422],
  ])('refuses %s, makes nothing, and says so in all the words', async (_, more, status) => {
    const before = await admin.json<{ tasks: unknown[] }>('GET', '/api/flames/history');
    const answer = await admin.send('POST', '/api/flames/create_task', { ...wish, ids: [10], ...more });
    const body = (await answer.json()) as Record<string, unknown>;
    expect(answer.status).toBe(status);
    expect([body.msg, body.message, typeof body.code]).toEqual([body.detail, body.detail, 'string']);
    expect(await admin.json('GET', '/api/flames/history')).toEqual(before);
  });

  it.each(['GET /tasks', 'GET /progress', 'POST /tasks'])(
    'says of a task that is nobody’s that it is not found: %s',
    async (route) => {
      const [method, folder] = route.split(' ') as [string, string];
      const ending = method === 'POST' ? '/cancel' : '';
      const answer = await admin.send(method, `/api/flames${folder}/${NOBODY}${ending}`);
      expect([answer.status, await answer.json()]).toEqual([
        404,
        expect.objectContaining({ task_id: NOBODY, msg: 'not found', code: 'FLAMES_TASK_NOT_FOUND' }),
      ]);
    },
  );
});
