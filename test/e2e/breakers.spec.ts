import type { ComfySimulator } from '../../simulators/comfyui/comfy-simulator.js';
import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { waitFor } from '../support/wait-for.js';

interface CircuitAnswer {
  state: string;
  trips: number;
  reason: string | null;
}

interface BreakerAnswer {
  node: CircuitAnswer;
  workflows: Record<string, CircuitAnswer>;
}

describe('nodes that fail again and again (real: the whole application; simulated nodes told to fail)', () => {
  let installation: Installation;
  let client: ApiClient;
  let admin: ApiClient;
  let first: ComfySimulator;
  let second: ComfySimulator;
  let seed = 0;

  beforeAll(async () => {
    installation = await Installation.start([{ name: 'one' }, { name: 'two' }], { auth: { defaultQuota: 1_000 } });
    [first, second] = installation.simulators as [ComfySimulator, ComfySimulator];
    client = await installation.signIn('alice');
    admin = await installation.signInAsAdmin();
  });

  afterEach(async () => {
    for (const { faults } of installation.simulators) faults.clear();
    for (const nodeId of ['sim-1', 'sim-2']) {
      await admin.json('POST', `/api/nodes/${nodeId}/breaker/reset`);
      await admin.json('POST', `/api/nodes/${nodeId}/uncordon`);
    }
  });

  afterAll(() => installation.stop());

  const submit = (workflow = 'sd_basic') =>
    client.submit({ prompt: 'a cat', width: 64, height: 64, workflow_name: workflow, seed: (seed += 1) });
  /** Loses so many prompts that its circuit opens, and then the files of test pictures. */
  const spoil = ({ faults }: ComfySimulator) => {
    faults.arm('lose_history', { times: 3 });
    faults.arm('lose_file', { times: 1_000 });
  };
  const breakerOf = (nodeId: string) => admin.json<BreakerAnswer>('GET', `/api/nodes/${nodeId}/breaker`);
  const promptsOf = (simulator: ComfySimulator, isOurs: boolean) =>
    simulator.log.filter(({ event, extra_data: data }) => event === 'accepted' && Boolean(data?.cws) === isOurs).length;
  const waitForState = (nodeId: string, ...states: string[]) =>
    waitFor(async () => states.includes((await breakerOf(nodeId)).node.state), {
      what: `${nodeId} to be ${states[0]}`,
    });

  it('takes a node out of placement until a test picture comes out well', async () => {
    await admin.json('POST', '/api/nodes/sim-2/cordon');
    spoil(first);
    const taskId = await submit();
    await waitForState('sim-1', 'open', 'half_open');
    const { node } = await breakerOf('sim-1');
    expect(node.reason).toContain('NODE_LOST');
    const { nodes } = await admin.json<{ nodes: { node_id: string; breaker: object }[] }>('GET', '/api/nodes');
    expect(nodes.find(({ node_id: id }) => id === 'sim-1')!.breaker).toMatchObject({ is_open: true });

    // Canaries fail as its work did: each keeps the node out for longer, and it gets nothing else.
    const attempts = promptsOf(first, true);
    await waitFor(async () => (await breakerOf('sim-1')).node.trips >= 3, { what: 'two canaries that fail' });
    expect(promptsOf(first, true)).toBe(attempts);
    expect(await client.status(taskId)).toMatchObject({ status: 'queued' });

    first.faults.clear();
    const [state] = await waitUntilOver(client, [taskId]);
    expect(state).toMatchObject({ status: 'completed' });
    expect((await breakerOf('sim-1')).node.state).toBe('closed');
    expect(promptsOf(first, false)).toBeGreaterThanOrEqual(3);
  });

  it('sends a workflow elsewhere that fails on one node alone', async () => {
    await admin.json('POST', '/api/nodes/sim-2/cordon');
    first.faults.arm('execution_error', { times: 1_000 });
    await waitUntilOver(client, [await submit(), await submit()]);
    await waitFor(async () => (await breakerOf('sim-1')).workflows.sd_basic?.state !== 'closed', {
      what: 'an opening',
    });
    expect((await breakerOf('sim-1')).node.state).toBe('closed');
    await admin.json('POST', '/api/nodes/sim-2/uncordon');

    const before = promptsOf(first, true);
    const states = await waitUntilOver(client, [await submit(), await submit(), await submit()]);
    expect(states.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    expect(promptsOf(first, true)).toBe(before);

    first.faults.clear();
    await waitFor(async () => (await breakerOf('sim-1')).workflows.sd_basic?.state === 'closed', {
      what: 'its closing',
    });
  });

  it('closes at once where an operator tries a test picture that comes out well', async () => {
    await admin.json('POST', '/api/nodes/sim-1/cordon');
    spoil(second);
    const taskId = await submit();
    await waitForState('sim-2', 'open', 'half_open');
    const tried = await admin.json<{ success: boolean; finding: string }>('POST', '/api/nodes/sim-2/canary');
    expect(tried).toMatchObject({ success: false, finding: expect.stringContaining('does not have the picture') });
    second.faults.clear();
    expect(await admin.json('POST', '/api/nodes/sim-2/canary')).toMatchObject({
      success: true,
      finding: expect.stringContaining('512x512'),
    });
    await waitForState('sim-2', 'closed');
    await waitUntilOver(client, [taskId]);
  });

  it('knows no nodes that are not there', async () => {
    for (const path of ['breaker/reset', 'canary']) {
      expect((await admin.send('POST', `/api/nodes/nobody/${path}`)).status).toBe(404);
    }
    expect((await admin.send('GET', '/api/nodes/nobody/breaker')).status).toBe(404);
  });
});
