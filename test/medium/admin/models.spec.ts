import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ScheduleModule } from '@nestjs/schedule';
import { AdminUsersService, ModelsSyncService, NodesService, WorkflowsService } from '../../../src/admin/index.js';
import { withServices } from '../../../src/cli/with-services.js';
import { type Database, databaseToken } from '../../../src/database/index.js';
import { JobsModule, JobsService } from '../../../src/jobs/index.js';
import { TaskWishesService } from '../../../src/shared/index.js';
import { makeTaskWish } from '../../factories/task-wish.factory.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';

const PASSWORD = 'correct horse';
const MODELS = '/api/admin/models';

interface Model {
  id: string | null;
  path: string;
  revision: number;
  nodes: string[];
}

describe('models (real: the whole context, a database server)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let operator: ApiClient;
  let database: Database;
  let syncs: ModelsSyncService;

  beforeAll(async () => {
    server = await startScratchServer();
    const started = await startApi(server);
    app = started.app;
    await app.get(AdminUsersService).create({ username: 'ops', password: PASSWORD, role: 'operator' });
    operator = await ApiClient.signInAsAdmin(started.url, 'ops', PASSWORD);
    database = app.get<Database>(databaseToken('admin'), { strict: false });
    syncs = app.get(ModelsSyncService);
    const nodes = app.get(NodesService);
    await add(nodes, 'linux', { 'CheckpointLoaderSimple.ckpt_name': ['SD/a.safetensors', 'SD/b.safetensors'] });
    await add(nodes, 'windows', {
      'CheckpointLoaderSimple.ckpt_name': ['SD\\a.safetensors'],
      'LoraLoader.lora_name': ['None', 'detail.safetensors'],
    });
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  async function add(nodes: NodesService, nodeId: string, models: Record<string, string[]>): Promise<void> {
    await nodes.add({ url: `http://${nodeId}:8188`, nodeId });
    await nodes.recordHealth(nodeId, { status: 'online', capabilities: { classes: [], models } });
  }
  const list = (query = '') => operator.json<{ models: Model[]; total: number }>('GET', `${MODELS}?${query}`);
  const rows = () => database.rows('SELECT model_type, file_path, is_enabled, usage_count FROM models ORDER BY id');

  it('are shown as soon as a node has them, before they are recorded', async () => {
    expect(await list()).toMatchObject({
      total: 3,
      limit: 20,
      models: expect.arrayContaining([
        expect.objectContaining({ id: null, path: 'SD/a.safetensors', nodes: ['linux', 'windows'], missing_on: [] }),
        expect.objectContaining({ path: 'SD/b.safetensors', nodes: ['linux'], missing_on: ['windows'] }),
      ]),
    });
  });

  it('are recorded once, however often they are looked for', async () => {
    expect(await syncs.sync()).toMatchObject({ seen: 3, added: 3 });
    const first = await rows();
    expect(await syncs.sync()).toMatchObject({ seen: 3, added: 0 });
    expect(await rows()).toEqual(first);
    expect(first).toHaveLength(3);
    expect((await list()).models.every(({ id }) => id !== null)).toBe(true);
  });

  it('are found by type, node and words', async () => {
    expect((await list('type=lora')).models).toMatchObject([{ path: 'detail.safetensors', nodes: ['windows'] }]);
    expect((await list('node=linux')).total).toBe(2);
    expect((await list('q=B.SAFE')).total).toBe(1);
    expect(await list('limit=1&offset=1')).toMatchObject({ total: 3, models: [expect.anything()] });
    expect((await list('node=nowhere')).models).toEqual([]);
    expect((await operator.send('GET', `${MODELS}?type=wheel`)).status).toBe(422);
  });

  it('are linked to the workflows that name them, and counted by the tasks that do', async () => {
    await app.get(WorkflowsService).importFromSettings({}, { publishChanged: true });
    const wishes = ['SD\\a.safetensors', 'SD/a.safetensors'].map((modelName) => makeTaskWish({ modelName }));
    await app.get(TaskWishesService).apply(wishes);
    const { linked } = await syncs.sync();
    expect(linked).toBeGreaterThan(0);
    expect((await list('q=SD/a.safe')).models).toMatchObject([{ usage_count: 2, workflows: [] }]);
    const { models } = await list('q=majicmix&type=checkpoint');
    expect(models).toMatchObject([{ workflows: ['sd_basic'], nodes: [], missing_on: ['linux', 'windows'] }]);
    expect(await syncs.sync()).toMatchObject({ added: 0, linked });
  });

  it('keep their links where a command syncs them, without the application around it', async () => {
    const before = await database.rows('SELECT workflow_id, model_id FROM workflow_models ORDER BY id');
    await withServices(server.settings, [ScheduleModule.forRoot(), JobsModule], async (services) => {
      const { ended } = await services.get(JobsService).start('models-sync', {});
      expect(await ended).toMatchObject({ status: 'done' });
    });
    expect(before.length).toBeGreaterThan(0);
    expect(await database.rows('SELECT workflow_id, model_id FROM workflow_models ORDER BY id')).toEqual(before);
  });

  it('are described by operators, and no change is lost to another', async () => {
    const { models } = await list('q=SD/a.safe');
    const path = `${MODELS}/${models[0]!.id}`;
    const { revision } = models[0]!;
    const both = await Promise.all(
      ['One', 'Two'].map((name) => operator.send('PATCH', path, { revision, display_name: name, tags: ['real'] })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    await operator.json('PATCH', path, { revision: revision + 1, is_enabled: false, base_model: null });
    expect((await list('is_enabled=false')).models).toMatchObject([{ tags: ['real'], base_model: null, revision: 3 }]);
    await operator.json('PATCH', path, { revision: revision + 2, is_enabled: false, tags: ['real'] });
    await syncs.sync();
    expect((await list('is_enabled=false')).models).toMatchObject([{ tags: ['real'], revision: 3, usage_count: 2 }]);
    const noted = await database.rows("SELECT action, actor FROM audit_logs WHERE target_type = 'model'");
    expect(noted).toEqual(Array(2).fill({ action: 'model.change', actor: 'ops' }));
  });

  it.each([
    ['none', { revision: 1 }, 404],
    ['999999', { revision: 1 }, 404],
    ['1', {}, 422],
    ['1', { revision: 1, tags: 'real' }, 422],
    ['1', { revision: 1, is_enabled: 'no' }, 422],
  ])('refuse for %s %j with %i', async (id, body, status) => {
    expect((await operator.send('PATCH', `${MODELS}/${id}`, body)).status).toBe(status);
  });
});
