import { DataSource } from 'typeorm';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import { NodesService } from '../../src/admin/index.js';
import { ClientUsersService } from '../../src/client/index.js';
import { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import { ApiClient } from '../support/api-client.js';
import { countLosses } from '../support/count-losses.js';
import { PASSWORD, QUICK, waitUntilOver } from '../support/installation.js';
import { startScratchServer, type ScratchServer } from '../support/scratch-server.js';
import { SeparateProcess } from '../support/separate-process.js';
import { startServices } from '../support/start-services.js';
import { waitFor } from '../support/wait-for.js';

const OVERRIDES = {
  ...QUICK,
  log: { level: 'warn' },
  dispatch: { ...QUICK.dispatch, leaseTtlMs: 1_000, leaseRenewMs: 300 },
};

describe('two processes on one installation (real: both programs, MariaDB, disk)', () => {
  let server: ScratchServer;
  let simulators: ComfySimulator[];
  let shared: DataSource;
  let first: SeparateProcess;
  let second: SeparateProcess;

  beforeEach(async () => {
    server = await startScratchServer({ overrides: OVERRIDES });
    shared = await new DataSource(sharedDataSourceOptions(server.settings)).initialize();
    const services = await startServices(server);
    await services.get(ClientUsersService).createIfAbsent({ username: 'alice', password: PASSWORD });
    simulators = [new ComfySimulator({ stepMs: 120 }), new ComfySimulator({ stepMs: 120 })];
    for (const [index, simulator] of simulators.entries()) {
      const { url } = await simulator.start();
      await services.get(NodesService).register({ nodeId: `sim-${index}`, name: 'sim', url, maxConcurrent: 2 });
    }
    await services.close();
    first = await SeparateProcess.start(server.settings);
    await waitFor(async () => (await ownersOfNodes()).length === 2, { what: 'the first process to drive both nodes' });
    second = await SeparateProcess.start(server.settings);
  });

  afterEach(async () => {
    first.signal('SIGCONT');
    await Promise.all([first.stop(), second.stop()]);
    await shared.destroy();
    await Promise.all(simulators.map((simulator) => simulator.stop()));
    await server.stop();
  });

  const ownersOfNodes = () =>
    shared.query<{ owner: string }[]>(`SELECT owner FROM leases WHERE name LIKE 'node:%' AND owner IS NOT NULL`);

  const running = () =>
    shared.query<{ assignment_id: string }[]>(
      `SELECT assignment_id FROM node_task_assignments WHERE status = 'running' AND started_at IS NOT NULL`,
    );

  async function submitFour(): Promise<{ client: ApiClient; taskIds: string[] }> {
    const client = await ApiClient.signIn(second.url!, 'alice', PASSWORD);
    const submits = [1, 2, 3, 4].map((seed) =>
      client.submit({ prompt: `picture ${seed}`, width: 64, height: 64, workflow_name: 'sd_basic', seed }),
    );
    return { client, taskIds: await Promise.all(submits) };
  }

  const promptsOf = () =>
    simulators.flatMap(({ log }) => log.filter(({ event }) => event === 'accepted').map(({ prompt_id: id }) => id));

  async function expectNothingLost(): Promise<void> {
    await waitFor(async () => (await countLosses(server.settings)).unpublished.length === 0, {
      what: 'empty outboxes',
    });
    const losses = await countLosses(server.settings);
    expect(Object.entries(losses).filter(([, rows]) => (rows as unknown[]).length > 0)).toEqual([]);
  }

  it('adopts the running prompts of a killed process instead of running them again', async () => {
    const { client, taskIds } = await submitFour();
    await waitFor(async () => (await running()).length === 2, { what: 'two running prompts' });
    first.signal('SIGKILL');
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(taskIds.map(() => 'completed'));
    expect(promptsOf()).toHaveLength(taskIds.length);
    await expectNothingLost();
  });

  it('I8 changes nothing for an owner that was frozen beyond the time-to-live and wakes up late', async () => {
    const { client, taskIds } = await submitFour();
    await waitFor(async () => (await running()).length === 2, { what: 'two running prompts' });
    first.signal('SIGSTOP');
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(taskIds.map(() => 'completed'));
    const tables = 'global_tasks, node_task_assignments, global_task_results, global_files';
    const before = await shared.query<unknown[]>(`CHECKSUM TABLE ${tables}`);
    first.signal('SIGCONT');
    // The late owner has its frames, its polls and its renewals to catch up with; it says when it has seen its loss.
    await waitFor(() => /leases? lost/.test(first.output), {
      timeoutMs: 15_000,
      what: 'the late owner to notice',
    });
    await first.stop();
    expect(await shared.query(`CHECKSUM TABLE ${tables}`)).toEqual(before);
    expect(promptsOf()).toHaveLength(taskIds.length);
    await expectNothingLost();
  });

  it('I8 leaves the work to the new owner when the old one wakes up in the middle of it', async () => {
    const { client, taskIds } = await submitFour();
    await waitFor(async () => (await running()).length === 2, { what: 'two running prompts' });
    const [former] = await ownersOfNodes();
    first.signal('SIGSTOP');
    const isTakenOver = async () => (await ownersOfNodes()).every(({ owner }) => owner !== former!.owner);
    await waitFor(isTakenOver, { what: 'the takeover of both nodes' });
    first.signal('SIGCONT');
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(taskIds.map(() => 'completed'));
    expect(promptsOf()).toHaveLength(taskIds.length);
    await expectNothingLost();
  });

  it('hands everything over at once when a process is stopped', async () => {
    const { client, taskIds } = await submitFour();
    await waitFor(async () => (await running()).length === 2, { what: 'two running prompts' });
    await first.stop();
    const states = await waitUntilOver(client, taskIds);
    expect(states.map(({ status }) => status)).toEqual(taskIds.map(() => 'completed'));
    expect(promptsOf()).toHaveLength(taskIds.length);
    await expectNothingLost();
  });
});
