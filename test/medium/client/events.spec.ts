import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientUsersService, ClientWorkflowsService, TaskStatesService } from '../../../src/client/index.js';
import { makePublishedWorkflow } from '../../factories/published-workflow.factory.js';
import { makeState } from '../../factories/task-state.factory.js';
import { ApiClient } from '../../support/api-client.js';
import { EventReading } from '../../support/read-events.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { waitFor } from '../../support/wait-for.js';

const PASSWORD = 'correct horse';

describe('events of tasks (real: two processes that share a database, one of them relays)', () => {
  let server: ScratchServer;
  let relaying: NestFastifyApplication;
  let other: NestFastifyApplication;
  let urls: { relaying: string; other: string };
  let ann: ApiClient;
  let headers: Record<string, string>;
  const readings: EventReading[] = [];

  beforeAll(async () => {
    server = await startScratchServer();
    const quick = { live: { heartbeatMs: 100, pollMs: 200 } };
    const [first, second] = [await startApi(server, quick), await startApi(server, quick)];
    [relaying, other] = [first.app, second.app];
    urls = { relaying: first.url, other: second.url };
    for (const username of ['ann', 'bob']) {
      await relaying.get(ClientUsersService).create({ username, password: PASSWORD, quota: 1_000 });
    }
    await relaying.get(ClientWorkflowsService).storeVersions([makePublishedWorkflow()]);
    ann = await ApiClient.signIn(urls.relaying, 'ann', PASSWORD);
    headers = await headersOf('ann');
  });

  afterEach(() => readings.splice(0).forEach((reading) => reading.close()));

  afterAll(async () => {
    await relaying.close();
    await other.close();
    await server.stop();
  });

  async function headersOf(username: string): Promise<Record<string, string>> {
    const login = new URLSearchParams({ username, password: PASSWORD });
    const answer = await new ApiClient(urls.relaying).json<{ access_token: string }>('POST', '/api/auth/login', login);
    return { authorization: `Bearer ${answer.access_token}` };
  }

  async function listen(path: string, given = headers, url = urls.relaying): Promise<EventReading> {
    const reading = await EventReading.open(`${url}${path}`, given);
    readings.push(reading);
    return reading;
  }

  const snapshotOf = async (reading: EventReading) => {
    const { data } = await reading.next(({ event }) => event === 'snapshot');
    return data.tasks as { task_id: string; status: string; queue: { position: number } | null }[];
  };
  const submit = () => ann.submit({ prompt: 'a cat' });
  const relay = (...states: Parameters<TaskStatesService['applyStates']>[0]) =>
    relaying.get(TaskStatesService).applyStates(states);
  const progress = (taskId: string, percent: number) =>
    relaying.get(TaskStatesService).applyProgress([{ taskId, runNo: 1, attemptCount: 1, progress: percent }]);
  const about = (taskId: string, event: string) => (one: { event: string; data: Record<string, unknown> }) =>
    one.event === event && one.data.task_id === taskId;

  it('begin with a snapshot, follow the task, and end with it', async () => {
    const taskId = await submit();
    const reading = await listen(`/api/v2/tasks/${taskId}/events`);
    expect(reading.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await snapshotOf(reading)).toEqual([
      expect.objectContaining({
        task_id: taskId,
        status: 'queued',
        queue: {
          task_id: taskId,
          position: expect.any(Number),
          estimated_start: { p50: expect.any(String), p90: expect.any(String) },
        },
      }),
    ]);
    await relay(makeState({ taskId }));
    await reading.next(about(taskId, 'status'));
    await progress(taskId, 42);
    expect((await reading.next(about(taskId, 'progress'))).data).toMatchObject({ status: 'processing', progress: 42 });
    await relay(makeState({ taskId, stateVersion: 2, status: 'completed' }));
    await waitFor(() => reading.isOver);
    expect(reading.events.filter(({ event }) => event !== 'queue').map(({ event }) => event)).toEqual([
      'snapshot',
      'status',
      'progress',
      'status',
      'end',
    ]);
    expect(reading.retry).toBeGreaterThan(0);
    expect(await snapshotOf(await listen(`/api/v2/tasks/${taskId}/events`))).toMatchObject([{ status: 'completed' }]);
  });

  it('reach a process that does not relay', async () => {
    const reading = await listen('/api/v2/events', headers, urls.other);
    await snapshotOf(reading);
    const taskId = await submit();
    await reading.next(about(taskId, 'status'));
    await reading.next(about(taskId, 'queue'));
    await relay(makeState({ taskId }));
    await reading.next((one) => about(taskId, 'status')(one) && one.data.status === 'processing');
    await progress(taskId, 17.5);
    expect((await reading.next(about(taskId, 'progress'))).data.progress).toBe(17.5);
    await relay(makeState({ taskId, stateVersion: 2, status: 'failed', errorCode: 'POISON', errorMessage: 'no' }));
    const isFailed = (one: { event: string; data: Record<string, unknown> }) =>
      about(taskId, 'status')(one) && one.data.status === 'failed';
    expect((await reading.next(isFailed)).data).toMatchObject({ error_code: 'POISON', error_message: 'no' });
  });

  it('tell each change once, and others nothing', async () => {
    const [mine, again] = [await listen('/api/v2/events'), await listen('/api/v2/events')];
    const bobs = await listen('/api/v2/events', await headersOf('bob'));
    for (const reading of [mine, again, bobs]) await snapshotOf(reading);
    const taskId = await submit();
    for (let stateVersion = 1; stateVersion <= 5; stateVersion += 1) {
      await relay(makeState({ taskId, stateVersion, status: stateVersion % 2 ? 'processing' : 'queued' }));
      const count = () => mine.events.filter(about(taskId, 'status')).length;
      await waitFor(() => count() >= stateVersion, { what: `state ${stateVersion}` });
    }
    const late = await listen('/api/v2/events');
    await snapshotOf(late);
    for (const reading of [mine, again]) {
      const told = reading.events.filter(about(taskId, 'status'));
      expect(told.map(({ data }) => data.status)).toEqual(
        told.length === 6
          ? ['queued', 'processing', 'queued', 'processing', 'queued', 'processing']
          : ['processing', 'queued', 'processing', 'queued', 'processing'],
      );
    }
    expect(bobs.events.map(({ event }) => event)).toEqual(['snapshot']);
  });

  it('leave no gap for a reader that comes back with the last id', async () => {
    const [ended, running] = [await submit(), await submit()];
    const first = await listen('/api/v2/events');
    await snapshotOf(first);
    await relay(makeState({ taskId: running }));
    const { id } = await first.next(about(running, 'status'));
    first.close();
    await relay(makeState({ taskId: ended, stateVersion: 2, status: 'cancelled' }));
    for (const [path, given] of [
      ['/api/v2/events', { ...headers, 'last-event-id': id }],
      [`/api/v2/events?last_event_id=${id}`, headers],
    ] as const) {
      const tasks = await snapshotOf(await listen(path, given));
      const statusOf = (taskId: string) => tasks.find((task) => task.task_id === taskId)?.status;
      expect([statusOf(ended), statusOf(running)]).toEqual(['cancelled', 'processing']);
    }
  });

  it('keep a silent connection alive by comments', async () => {
    const reading = await listen('/api/v2/events');
    await waitFor(() => reading.comments >= 2, { what: 'two heartbeats' });
  });

  it("answer 404 for another's task, 401 without a sign-in, and 401 for a token of another kind", async () => {
    const taskId = await submit();
    const asBob = await listen(`/api/v2/tasks/${taskId}/events`, await headersOf('bob'));
    expect([asBob.response.status, (await asBob.response.json()) as unknown]).toEqual([
      404,
      expect.objectContaining({ code: 'TASK_NOT_FOUND' }),
    ]);
    for (const path of ['/api/v2/events', '/api/v2/events?token=', '/api/v2/events?token=a&token=b']) {
      expect((await listen(path, {})).response.status).toBe(401);
    }
    const accessToken = headers.authorization!.slice('Bearer '.length);
    expect((await listen(`/api/v2/events?token=${accessToken}`, {})).response.status).toBe(401);
  });

  it('open by a token of one minute, which opens nothing else', async () => {
    const { token, expires_in: seconds } = await ann.json<{ token: string; expires_in: number }>(
      'POST',
      '/api/v2/events/token',
    );
    expect(seconds).toBe(60);
    await snapshotOf(await listen(`/api/v2/events?token=${token}`, {}));
    const asHeader = await fetch(`${urls.relaying}/api/v2/tasks`, { headers: { authorization: `Bearer ${token}` } });
    expect(asHeader.status).toBe(401);
  });

  it('carry the headers that every answer has', async () => {
    const reading = await listen('/api/v2/events', { ...headers, origin: 'http://localhost:5173' });
    expect(reading.response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    expect(reading.response.headers.get('x-request-id')).toBeTruthy();
  });

  it('refuse a user more streams than the settings allow', async () => {
    const streams: EventReading[] = [];
    for (let count = 0; count < 21; count += 1) streams.push(await listen('/api/v2/events', await headersOf('bob')));
    expect(streams.map(({ response }) => response.status)).toEqual([...Array<number>(20).fill(200), 429]);
  });

  it('end at once when the process stops', async () => {
    const { app, url } = await startApi(server);
    const reading = await listen('/api/v2/events', headers, url);
    await snapshotOf(reading);
    const beganMs = performance.now();
    await app.close();
    await waitFor(() => reading.isOver);
    expect(performance.now() - beganMs).toBeLessThan(3_000);
  });
});
