import type { INestApplicationContext } from '@nestjs/common';
import { NodesService } from '../../src/admin/index.js';
import { databaseToken, type Database } from '../../src/database/index.js';
import type { ApiClient } from '../support/api-client.js';
import { Installation, waitUntilOver } from '../support/installation.js';
import { startServices } from '../support/start-services.js';
import { waitFor } from '../support/wait-for.js';

const GIBIBYTE = 1024 ** 3;

interface ClusterNode {
  node_id: string;
  status: string;
  current_load: number;
  load_percentage: number;
  version: string | null;
  usage: Record<string, number>;
  metadata: { gpu_model: string | null; gpu_memory_bytes: number | null };
}

describe('the health of nodes (real: the whole application; simulated nodes)', () => {
  let installation: Installation;
  let services: INestApplicationContext;
  let admin: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([
      { name: 'RTX 4090', vramBytes: 24 * GIBIBYTE, stepMs: 50 },
      { name: 'spare', stepMs: 50 },
    ]);
    services = await startServices(installation.server);
    admin = await installation.signInAsAdmin();
  });

  afterAll(async () => {
    await services.close();
    await installation.stop();
  });

  const nodeOf = async (nodeId: string): Promise<ClusterNode> => {
    const { nodes } = await admin.json<{ nodes: ClusterNode[] }>('GET', '/api/nodes');
    return nodes.find(({ node_id: id }) => id === nodeId)!;
  };
  const askHealth = (nodeId: string) =>
    admin.json<{ success: boolean; error: string | null }>('GET', `/api/nodes/${nodeId}/health`);

  it('shows version, memory and card of a node that was looked at', async () => {
    const node = await waitFor(async () => ((await nodeOf('sim-1')).status === 'online' ? nodeOf('sim-1') : undefined));
    expect(node).toMatchObject({
      version: '0.3.64',
      metadata: { gpu_model: 'Simulated (RTX 4090)', gpu_memory_bytes: 24 * GIBIBYTE },
    });
    expect(node.usage.memory).toBeGreaterThan(0);
    expect(node.usage.memory).toBeLessThanOrEqual(100);
  });

  it("leaves an operator's own name of a card alone", async () => {
    const nodes = services.get(NodesService);
    const [{ url }] = [installation.simulators[1]!];
    await nodes.remove('sim-2');
    await nodes.add({ nodeId: 'named', url, metadata: { gpu_model: 'our old one', location: 'cellar' } });
    await waitFor(async () => (await nodeOf('named')).metadata.gpu_memory_bytes !== null, {
      what: 'a look at the node',
    });
    expect((await nodeOf('named')).metadata).toMatchObject({ gpu_model: 'our old one', location: 'cellar' });
  });

  it('A6 counts what the node works on: ours, and what others sent it', async () => {
    const [simulator] = installation.simulators;
    const wait = { seconds_per_step: 0.5, steps: 60, preview: false, seed: 0, image: ['paint', 0] };
    const prompt = {
      paint: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
      wait: { class_type: 'TestSlowProgress', inputs: wait },
      save: { class_type: 'SaveImage', inputs: { images: ['wait', 0], filename_prefix: 'foreign' } },
    };
    const body = JSON.stringify({ prompt, prompt_id: 'theirs' });
    await fetch(`${simulator!.url}/prompt`, { method: 'POST', body });
    await waitFor(async () => (await nodeOf('sim-1')).current_load === 1, { what: 'the load of a foreign prompt' });
    expect((await nodeOf('sim-1')).load_percentage).toBe(50);
    await fetch(`${simulator!.url}/interrupt`, { method: 'POST', body: JSON.stringify({ prompt_id: 'theirs' }) });
    await waitFor(async () => (await nodeOf('sim-1')).current_load === 0, { what: 'the end of the load' });
  });

  it('A7 asks the node in this moment', async () => {
    expect(await askHealth('sim-1')).toEqual({ success: true, version: '0.3.64', error: null });
    expect((await admin.send('GET', '/api/nodes/nobody/health')).status).toBe(404);
    await installation.simulators[0]!.kill();
    expect(await askHealth('sim-1')).toMatchObject({
      success: false,
      error: expect.stringContaining('did not answer'),
    });
    await installation.simulators[0]!.restart();
    expect(await askHealth('sim-1')).toMatchObject({ success: true });
  });

  it('I11 gives what a node was running to another one when it is removed', async () => {
    const client = await installation.signIn('alice');
    const taskId = await client.submit({ prompt: 'a cat', width: 64, height: 64, seed: 1 });
    const ran = () =>
      services
        .get<Database>(databaseToken('shared'), { strict: false })
        .rows<{ node: string; code: string | null; isStarted: number }>(
          `SELECT a.node_id AS node, a.error_code AS code, a.started_at IS NOT NULL AS isStarted
           FROM node_task_assignments a JOIN global_tasks t ON t.id = a.task_id WHERE t.task_id = ? ORDER BY a.id`,
          [taskId],
        );
    const [first] = await waitFor(
      async () => {
        const attempts = await ran();
        return Number(attempts[0]?.isStarted) === 1 ? attempts : undefined;
      },
      { what: 'the start of the task' },
    );
    await admin.json('DELETE', `/api/nodes/${first!.node}`);
    const [state] = await waitUntilOver(client, [taskId]);
    expect(state!.status).toBe('completed');
    const attempts = await ran();
    expect(attempts.map(({ code }) => code)).toEqual(['NODE_LOST', null]);
    expect(attempts[1]!.node).not.toBe(first!.node);
  });
});
