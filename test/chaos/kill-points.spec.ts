import { NodesService } from '../../src/admin/index.js';
import { ClientUsersService } from '../../src/client/index.js';
import { WebhookSettingsService } from '../../src/client/webhooks/webhook-settings.service.js';
import { KILL_POINTS, type KillPoint } from '../../src/common/index.js';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import { ApiClient, type TaskStatusAnswer } from '../support/api-client.js';
import { countLosses, countRuns, listStrayFiles } from '../support/count-losses.js';
import { PASSWORD, QUICK, waitUntilOver } from '../support/installation.js';
import { endDoubts, KeyedUpload, listUploads } from '../support/keyed-upload.js';
import type { SettingsTree } from '../support/scratch-templates.js';
import { startScratchServer, type ScratchServer } from '../support/scratch-server.js';
import { SeparateProcess } from '../support/separate-process.js';
import { startServices } from '../support/start-services.js';
import { waitFor } from '../support/wait-for.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const ROUNDS = Number(process.env.PROVE_ROUNDS ?? 1);
const TASKS_A_ROUND = 3;
const STEP_MS = 10;
const OVERRIDES = {
  ...QUICK,
  dispatch: { ...QUICK.dispatch, leaseTtlMs: 1_000, leaseRenewMs: 300 },
  webhooks: { allowPrivate: true, sweepMs: 50, timeoutMs: 1_000, retrySeconds: Array<number>(20).fill(0.2) },
  jobs: { enabled: true },
};

/** A call that its sender repeats under the same key until an answer arrives, as any careful client does. */
type KeyedCall = (client: ApiClient) => Promise<void>;
type KeyedSubmit = (client: ApiClient) => Promise<string>;

/** What a process did before it died. */
interface Lived {
  /** The ids that it gave, in the order of the submits; undefined where no answer arrived. */
  accepted: (string | undefined)[];
  /** What is to be repeated beside the submits. */
  reloads: KeyedCall[];
  upload?: KeyedUpload;
}

/** So that what an older run left behind is swept while the test watches. */
const SWEEPING = { storage: { pinMinutes: 0.01, keepUnreferencedHours: 0 }, jobs: { enabled: true, blobSweepMs: 50 } };

/** How tasks may end beside `completed`, by what their round does to them. */
const endsBeside: Partial<Record<KillPoint, string[]>> = {
  'cancel.committed': ['cancelled'],
  'cancel.on_node': ['cancelled'],
  'quota.refunded': ['OUTPUT_MISSING', 'NODE_LOST'],
};

function settingsFor(point: KillPoint): SettingsTree {
  if (point === 'quota.refunded') return { ...OVERRIDES, dispatch: { ...OVERRIDES.dispatch, maxAttempts: 2 } };
  return /^(sweep|upload)/.test(point) ? { ...OVERRIDES, ...SWEEPING } : OVERRIDES;
}

describe('a process that is killed at any moment (real: the program in its own process, MariaDB, disk)', () => {
  let server: ScratchServer;
  let simulators: ComfySimulator[];
  let receiver: WebhookReceiver;
  let current: SeparateProcess | undefined;
  let seed = 0;
  const fired: Partial<Record<KillPoint, number>> = {};
  const totals = { tasks: 0, reloads: 0, uploads: 0, messages: 0, repeatedMessages: 0, stuck: 0, settledTwice: 0 };

  beforeAll(async () => {
    server = await startScratchServer({ overrides: OVERRIDES });
    const services = await startServices(server, OVERRIDES);
    const alice = { username: 'alice', password: PASSWORD, quota: 100_000 };
    const { clientId } = await services.get(ClientUsersService).create(alice);
    receiver = await WebhookReceiver.start();
    await services.get(WebhookSettingsService).set(clientId, { url: receiver.url() });
    simulators = [new ComfySimulator({ stepMs: STEP_MS }), new ComfySimulator({ stepMs: STEP_MS })];
    for (const [index, simulator] of simulators.entries()) {
      const { url } = await simulator.start();
      const nodeId = `sim-${index + 1}`;
      await services.get(NodesService).register({ nodeId, name: nodeId, url, maxConcurrent: 2 });
    }
    await services.close();
  });

  afterEach(() => current?.stop());

  afterAll(async () => {
    await Promise.all(simulators.map((simulator) => simulator.stop()));
    await receiver.stop();
    await server.stop();
    // The counts that a proof is about; zero would mean that a point was never reached.
    if (ROUNDS > 1) process.stderr.write(`${JSON.stringify({ ...totals, fired }, null, 2)}\n`);
  });

  /** Undefined where the program dies before it listens. */
  async function startProgram(killAt: string, overrides: SettingsTree): Promise<ApiClient | undefined> {
    current = await SeparateProcess.start(server.settingsWith({ ...overrides, testing: { killAt } }));
    return current.url ? ApiClient.signIn(current.url, 'alice', PASSWORD) : undefined;
  }

  function setStep(stepMs: number): void {
    for (const { options } of simulators) options.stepMs = stepMs;
  }

  function makeSubmits(): KeyedSubmit[] {
    return Array.from({ length: TASKS_A_ROUND }, () => {
      seed += 1;
      const task = { prompt: `picture ${seed}`, width: 64, height: 64, workflow_name: 'sd_basic', seed };
      const key = `submit-${seed}`;
      return (client) => client.submit(task, key);
    });
  }

  async function cancelOneThatRuns(client: ApiClient, taskIds: string[]): Promise<void> {
    const running = await waitFor(
      async () =>
        (await Promise.all(taskIds.map((id) => client.status(id)))).find(({ status }) => status === 'processing'),
      { everyMs: 5, what: 'a running task' },
    );
    await client.send('DELETE', `/api/v2/tasks/${running.task_id}`);
  }

  /** All tasks are asked for, and whatever else leads to the point. */
  async function liveUntilDeath(client: ApiClient, point: KillPoint, submits: KeyedSubmit[]): Promise<Lived> {
    // Long enough that a cancel finds its prompt on the node.
    if (point.startsWith('cancel')) setStep(200);
    // Files that their nodes never hand out fail their tasks, for a reason that is ours: they are paid back.
    if (point === 'quota.refunded') simulators.forEach(({ faults }) => faults.arm('lose_file', { times: 1_000 }));
    const upload = point.startsWith('upload') ? await KeyedUpload.make(`upload-${seed}`) : undefined;
    const [answers] = await Promise.all([
      Promise.allSettled(submits.map((submit) => submit(client))),
      upload?.send(client).catch(() => undefined),
    ]);
    const accepted = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
    const taskIds = accepted.filter((taskId) => taskId !== undefined);
    if (point.startsWith('cancel')) await cancelOneThatRuns(client, taskIds).catch(() => undefined);
    if (!/^(reload|sweep)/.test(point)) return { accepted, reloads: [], upload };
    // What earlier rounds left to be swept may end the process before its tasks are over.
    const areOver = await waitUntilOver(client, taskIds).catch(() => undefined);
    if (!areOver) return { accepted, reloads: [] };
    const key = `reload-${seed}`;
    const reload = (to: ApiClient) => to.reload(taskIds[0]!, key);
    await reload(client).catch(() => undefined);
    return { accepted, reloads: [reload] };
  }

  /** Sends every call again as its sender would, and waits for the end of all tasks. */
  async function finish(point: KillPoint, submits: KeyedSubmit[], reloads: KeyedCall[]): Promise<TaskStatusAnswer[]> {
    const client = (await startProgram('', settingsFor(point)))!;
    const taskIds = await Promise.all(submits.map((submit) => submit(client)));
    for (const reload of reloads) await reload(client);
    totals.reloads += reloads.length;
    return waitUntilOver(client, taskIds);
  }

  /** Its sender repeats it; the key and the row of the one that died are held until their time is over. */
  async function expectOneUpload(point: KillPoint, upload: KeyedUpload, before: string[]): Promise<void> {
    const client = await ApiClient.signIn(current!.url!, 'alice', PASSWORD);
    const isCommitted = point === 'upload.committed';
    expect(before).toHaveLength(isCommitted ? 1 : 0);
    const repeated = await upload.send(client);
    expect(repeated.status).toBe(isCommitted ? 200 : 409);
    if (!isCommitted) expect(repeated.headers.get('retry-after')).not.toBeNull();
    await endDoubts(server.settings);
    const { file_id: fileId, relative_path: path, isReplayed } = await upload.sendUntilAnswered(client);
    expect(isReplayed).toBe(isCommitted);
    if (isCommitted) expect(before).toEqual([fileId]);
    const isSettled = async () => (await listUploads(server.settings, upload.hash)).shared.length === 1;
    await waitFor(isSettled, { what: 'the end of doubtful uploads' });
    expect(await listUploads(server.settings, upload.hash)).toEqual({ ours: [fileId], shared: [fileId] });
    const content = await client.send('GET', `/api/v2/uploads/${path}`);
    expect(Buffer.from(await content.arrayBuffer()).equals(upload.bytes)).toBe(true);
    totals.uploads += 1;
  }

  /** At least once each, and whatever comes again is the same message. */
  async function expectToldOf(point: KillPoint, states: TaskStatusAnswer[]): Promise<void> {
    const messages = () =>
      receiver.received.map(({ headers, body }) => {
        const { type, data } = JSON.parse(body) as { type: string; data: { task_id: string } };
        return { id: headers['webhook-id']!, body, event: `${type} ${data.task_id}` };
      });
    const missing = () => {
      const told = new Set(messages().map(({ event }) => event));
      return states.filter(({ task_id: taskId, status }) => !told.has(`task.${status} ${taskId}`));
    };
    await waitFor(() => missing().length === 0, { what: 'a message of every task' });
    const bodies = new Map(messages().map(({ id, body }) => [id, body]));
    const repeats = messages().length - bodies.size;
    expect(messages().filter(({ id, body }) => bodies.get(id) !== body)).toEqual([]);
    if (point === 'webhook.sent') expect(repeats).toBeGreaterThan(0);
    totals.messages += bodies.size;
    totals.repeatedMessages += repeats;
  }

  async function expectNothingLost(): Promise<void> {
    const count = () => countLosses(server.settings);
    await waitFor(async () => (await count()).unpublished.length === 0, { what: 'empty outboxes' });
    const losses = await count();
    // Everything that was asked for is there, and nothing else: a repeated call did nothing twice.
    expect(await countRuns(server.settings)).toEqual({ copies: seed, queued: seed, runs: seed + totals.reloads });
    totals.stuck += losses.stuck.length;
    totals.settledTwice += losses.settledTwice.length;
    expect(Object.entries(losses).filter(([, rows]: [string, unknown[]]) => rows.length > 0)).toEqual([]);
    for (const { log } of simulators) {
      const posted = log.filter(({ event }) => event === 'accepted').map(({ prompt_id: promptId }) => promptId);
      expect(new Set(posted).size).toBe(posted.length);
    }
  }

  function expectEndsOf(point: KillPoint, states: TaskStatusAnswer[]): void {
    totals.tasks += states.length;
    expect(new Set(states.map(({ task_id: taskId }) => taskId)).size).toBe(TASKS_A_ROUND);
    const ends = states.map(({ status, error_code: code }) => code ?? status);
    const allowed = new Set(['completed', ...(endsBeside[point] ?? [])]);
    expect(ends.filter((end) => !allowed.has(end))).toEqual([]);
  }

  const rounds = KILL_POINTS.flatMap((point) =>
    Array.from({ length: ROUNDS }, (_, round) => [point, round + 1] as const),
  );

  it.each(rounds)('I12 I18 I19 loses and doubles nothing when it dies at %s (round %i)', async (point) => {
    const submits = makeSubmits();
    receiver.received.length = 0;
    const client = await startProgram(point, settingsFor(point));
    const lived: Lived = client ? await liveUntilDeath(client, point, submits) : { accepted: [], reloads: [] };
    const { accepted, reloads, upload } = lived;
    expect(await current!.ended).toBe('SIGKILL');
    for (const { faults } of simulators) faults.clear();
    setStep(STEP_MS);
    fired[point] = (fired[point] ?? 0) + 1;
    const uploaded = upload && (await listUploads(server.settings, upload.hash)).ours;
    const states = await finish(point, submits, reloads);
    expectEndsOf(point, states);
    for (const [index, taskId] of accepted.entries()) if (taskId) expect(states[index]!.task_id).toBe(taskId);
    if (upload) await expectOneUpload(point, upload, uploaded!);
    await expectToldOf(point, states);
    await expectNothingLost();
    await waitFor(async () => (await listStrayFiles(server.settings)).length === 0, { what: 'no stray files' });
  });
});
