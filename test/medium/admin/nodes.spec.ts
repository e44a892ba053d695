import type { INestApplicationContext } from '@nestjs/common';
import { NodesService } from '../../../src/admin/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

describe('the fleet', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let nodes: NodesService;

  beforeAll(async () => {
    server = await startScratchServer();
    services = await startServices(server);
    nodes = services.get(NodesService);
  });

  afterAll(async () => {
    await services.close();
    await server.stop();
  });

  it('takes a node by its address alone', async () => {
    const node = await nodes.add({ url: 'http://10.0.0.5:8188/' });
    expect(node).toMatchObject({
      nodeId: 'node-10-0-0-5-8188',
      url: 'http://10.0.0.5:8188',
      host: '10.0.0.5',
      port: 8188,
      status: 'offline',
      isCordoned: false,
      maxConcurrent: 4,
      capabilities: undefined,
    });
    expect(await nodes.list()).toEqual([node]);
    expect(await nodes.count()).toBe(1);
  });

  it('takes no node twice, by address or by id', async () => {
    await expect(nodes.add({ url: 'HTTP://10.0.0.5:8188' })).rejects.toMatchObject({ code: 'NODE_EXISTS' });
    await expect(nodes.add({ url: 'http://x:1', nodeId: 'node-10-0-0-5-8188' })).rejects.toMatchObject({
      code: 'NODE_EXISTS',
    });
    expect(await nodes.addIfAbsent('http://10.0.0.5:8188')).toBeUndefined();
    expect(await nodes.count()).toBe(1);
  });

  it('remembers what was learned of a node while it cannot be reached', async () => {
    const { nodeId } = await nodes.add({ url: 'http://gpu:8188', metadata: { gpu_model: 'H100' } });
    const capabilities = { classes: ['KSampler'], models: { 'VAELoader.vae_name': ['a.safetensors'] } };
    await nodes.recordHealth(nodeId, { status: 'online', version: '0.3.64', capabilities });
    const seen = await nodes.get(nodeId);
    expect(seen).toMatchObject({ status: 'online', version: '0.3.64', capabilities, lastHeartbeat: expect.any(Date) });
    await nodes.recordHealth(nodeId, { status: 'offline', error: 'refused' });
    expect(await nodes.get(nodeId)).toEqual({ ...seen, status: 'offline', lastError: 'refused' });
    await nodes.recordHealth(nodeId, { status: 'online' });
    expect((await nodes.get(nodeId)).lastError).toBeUndefined();
  });

  it('forgets what was seen at an old address', async () => {
    const node = { nodeId: 'moving', name: 'Moving', url: 'http://old:1', maxConcurrent: 2 };
    await nodes.register(node);
    await nodes.recordHealth('moving', { status: 'online', capabilities: { classes: ['A'], models: {} } });
    await nodes.register({ ...node, name: 'Same place' });
    expect(await nodes.get('moving')).toMatchObject({ name: 'Same place', status: 'online' });
    await nodes.register({ ...node, url: 'http://new:2' });
    expect(await nodes.get('moving')).toMatchObject({
      url: 'http://new:2',
      status: 'offline',
      capabilities: undefined,
    });
    await expect(nodes.register({ ...node, url: 'http://gpu:8188' })).rejects.toMatchObject({ code: 'NODE_EXISTS' });
  });

  it('lets a node go', async () => {
    await nodes.remove('moving');
    await expect(nodes.get('moving')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(nodes.remove('moving')).rejects.toMatchObject({ kind: 'not_found' });
  });
});
