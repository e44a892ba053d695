import { NodesService } from '../../src/admin/index.js';
import { ClientUsersService } from '../../src/client/index.js';
import { KILL_POINTS, type KillPoint } from '../../src/common/index.js';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import { ApiClient } from '../support/api-client.js';
import { countLosses } from '../support/count-losses.js';
import { PASSWORD, QUICK, waitUntilOver } from '../support/installation.js';
import { startScratchServer, type ScratchServer } from '../support/scratch-server.js';
import { SeparateProcess } from '../support/separate-process.js';
import { startServices } from '../support/start-services.js';
import { waitFor } from '../support/wait-for.js';

const ROUNDS = Number(process.env.PROVE_ROUNDS ?? 1);
const TASKS_A_ROUND = 3;
const OVERRIDES = {
  ...QUICK,
  auth: { defaultQuota: 100_000 },
  dispatch: { ...QUICK.dispatch, leaseTtlMs: 1_000, leaseRenewMs: 300 },
};

describe('a process that is killed at any moment (real: the program in its own process, MariaDB, disk)', () => {
  let server: ScratchServer;
  let simulators: ComfySimulator[];
  let current: SeparateProcess | undefined;
  let seed = 0;
  const fired = new Map<KillPoint, number>();

  beforeAll(async () => {
    server = await startScratchServer({ overrides: OVERRIDES });
    const services = await startServices(server);
    await services.get(ClientUsersService).createIfAbsent({ username: 'alice', password: PASSWORD });
    simulators = [new ComfySimulator({ stepMs: 10 }), new ComfySimulator({ stepMs: 10 })];
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
    await server.stop();
    // The counts that a proof is about; zero would mean that a point was never reached.
    if (ROUNDS > 1) process.stderr.write(`${[...fired].map(([point, times]) => `${point}: ${times}`).join('\n')}\n`);
  });

  async function startProgram(killAt: string): Promise<ApiClient | undefined> {
    current = await SeparateProcess.start(server.settingsWith({ ...OVERRIDES, testing: { killAt } }));
    return current.url ? ApiClient.signIn(current.url, 'alice', PASSWORD) : undefined;
  }

  /** Tasks whose submit was answered; an answer that was cut off promises nothing. */
  async function submitSome(client: ApiClient): Promise<string[]> {
    const submits = Array.from({ length: TASKS_A_ROUND }, () => {
      seed += 1;
      return client.submit({ prompt: `picture ${seed}`, width: 64, height: 64, workflow_name: 'sd_basic', seed });
    });
    const answers = await Promise.allSettled(submits);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  async function cancelOneThatRuns(client: ApiClient, taskIds: string[]): Promise<void> {
    const running = await waitFor(
      async () =>
        (await Promise.all(taskIds.map((id) => client.status(id)))).find(({ status }) => status === 'processing'),
      { everyMs: 5, what: 'a running task' },
    );
    await client.send('DELETE', `/api/v2/tasks/${running.task_id}`);
  }

  const rounds = KILL_POINTS.flatMap((point) =>
    Array.from({ length: ROUNDS }, (_, round) => [point, round + 1] as const),
  );

  it.each(rounds)('loses and doubles nothing when it dies at %s (round %i)', async (point) => {
    const before = await startProgram(point);
    const accepted: string[] = [];
    if (before) {
      accepted.push(...(await submitSome(before)));
      if (point.startsWith('cancel')) await cancelOneThatRuns(before, accepted).catch(() => undefined);
    }
    expect(await current!.ended).toBe('SIGKILL');
    fired.set(point, (fired.get(point) ?? 0) + 1);

    const after = (await startProgram(''))!;
    const { tasks } = await after.json<{ tasks: { task_id: string }[] }>('GET', '/api/v2/tasks?limit=100');
    const known = tasks.map(({ task_id: taskId }) => taskId);
    expect(known).toEqual(expect.arrayContaining(accepted));
    await waitUntilOver(after, known.slice(0, 2 * TASKS_A_ROUND));
    const nothing = { stuck: [], differing: [], settledTwice: [], wrongResults: [], openAssignments: [] };
    await waitFor(async () => (await countLosses(server.settings)).unpublished.length === 0, {
      what: 'empty outboxes',
    });
    expect(await countLosses(server.settings)).toEqual({ ...nothing, unpublished: [], wrongQuota: [] });
    for (const { log } of simulators) {
      const posted = log.filter(({ event }) => event === 'accepted').map(({ prompt_id: promptId }) => promptId);
      expect(new Set(posted).size).toBe(posted.length);
    }
  });
});
