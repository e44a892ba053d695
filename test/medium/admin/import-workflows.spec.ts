import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { WorkflowsService } from '../../../src/admin/index.js';
import { PublishingService } from '../../../src/admin/workflows/publishing.service.js';
import { TemplatesService } from '../../../src/admin/workflows/templates.service.js';
import { contentHash } from '../../../src/common/index.js';
import { TaskTypesSchema, type TaskTypes } from '../../../src/config/task-types.schema.js';
import { type Database, databaseToken, fromJson } from '../../../src/database/index.js';
import { Signals } from '../../../src/live/index.js';
import { WorkflowVersionsService, type PublishedWorkflow } from '../../../src/shared/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

describe('importing workflows', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let database: Database;
  let workflows: WorkflowsService;
  let folder: string;

  beforeAll(async () => {
    server = await startScratchServer();
    services = await startServices(server);
    database = services.get<Database>(databaseToken('admin'), { strict: false });
    workflows = services.get(WorkflowsService);
    folder = await mkdtemp(join(tmpdir(), 'workflows-'));
  });

  afterAll(async () => {
    await services.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const graph = (color = 0) => ({
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color } },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
  });

  /** Task types with workflows of these graphs, each in its file. */
  const configure = async (graphs: Record<string, unknown>, more: object = {}): Promise<TaskTypes> => {
    const entries: [string, object][] = [];
    for (const [name, content] of Object.entries(graphs)) {
      await writeFile(join(folder, `${name}.json`), JSON.stringify(content));
      const mapping = { width: { node_id: 1, input_name: 'width', default_value: 128, data_type: 'int' } };
      const config = { workflow_file: join(folder, `${name}.json`), parameter_mapping: mapping };
      entries.push([name, { ...config, allowed_frontend_params: ['width'], ...more }]);
    }
    return TaskTypesSchema.parse({ text_to_image: { workflows: Object.fromEntries(entries) } });
  };
  const run = (taskTypes: TaskTypes, publishChanged: boolean) =>
    workflows.importFromSettings(taskTypes, { publishChanged });
  const events = async (name: string) => {
    const rows = await database.rows<{ payload: unknown }>(
      "SELECT payload FROM outbox WHERE topic = 'workflow.published' AND aggregate_id = ? ORDER BY run_no",
      [name],
    );
    return rows.map(({ payload }) => fromJson<PublishedWorkflow>(payload));
  };

  it('publishes a new one as version 1, with its row and its event', async () => {
    const nudges: string[] = [];
    const stop = services.get(Signals).on('admin.outbox', () => nudges.push('admin.outbox'));
    expect(await run(await configure({ fresh: graph() }), false)).toEqual({
      published: [{ name: 'fresh', version: 1 }],
      kept: [],
      edited: [],
    });
    stop();
    expect(nudges).toHaveLength(1);
    const [event, ...others] = await events('fresh');
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      version: 1,
      contentHash: contentHash(event!.definition),
      definition: {
        taskType: 'text_to_image',
        graph: graph(),
        parameters: [
          { name: 'width', nodeId: '1', inputName: 'width', type: 'int', defaultValue: 128, isOpenToClients: true },
        ],
      },
    });
    const rows = await database.rows(
      `SELECT t.published_version, t.content_hash, p.parameter_name, p.default_value, p.node_id, p.field_path
       FROM workflow_templates t JOIN workflow_parameters p ON p.workflow_id = t.id WHERE t.name = 'fresh'`,
    );
    expect(rows).toEqual([
      {
        published_version: 1,
        content_hash: event!.contentHash,
        parameter_name: 'width',
        default_value: '128',
        node_id: '1',
        field_path: 'inputs.width',
      },
    ]);
  });

  it('publishes changed content only when it is asked to, and unchanged content never', async () => {
    await run(await configure({ grows: graph(1) }), false);
    const changed = await configure({ grows: graph(2) });
    expect(await run(changed, false)).toEqual({ published: [], kept: ['grows'], edited: [] });
    expect(await run(changed, true)).toEqual({ published: [{ name: 'grows', version: 2 }], kept: [], edited: [] });
    expect(await run(changed, true)).toEqual({ published: [], kept: ['grows'], edited: [] });
    expect((await events('grows')).map(({ version }) => version)).toEqual([1, 2]);
  });

  it('publishes once when several processes start at once', async () => {
    const taskTypes = await configure({ together: graph(), beside: graph() });
    const reports = await Promise.all(Array.from({ length: 4 }, () => run(taskTypes, true)));
    expect(reports.flatMap(({ published }) => published)).toHaveLength(2);
    expect(await events('together')).toHaveLength(1);
  });

  it('keeps what admins decided about a template', async () => {
    await run(await configure({ decided: graph(1) }), true);
    await database.run("UPDATE workflow_templates SET is_enabled = 0, estimated_time = 5 WHERE name = 'decided'");
    await run(await configure({ decided: graph(2) }), true);
    const latest = (await events('decided')).at(-1);
    expect(latest?.definition).toMatchObject({ isEnabled: false, estimatedTimeSeconds: 5 });
  });

  it('leaves alone what an admin changed, and says so, until it is told to take the file', async () => {
    await run(await configure({ edited: graph(1) }), true);
    const templates = services.get(TemplatesService, { strict: false });
    const { revision } = await templates.get('edited');
    await templates.change('edited', { revision, description: 'By hand' });
    const fromFile = await configure({ edited: graph(2) });
    expect(await run(fromFile, true)).toEqual({ published: [], kept: [], edited: ['edited'] });
    expect(await templates.get('edited')).toMatchObject({ description: 'By hand', published_version: 1 });
    const forced = await workflows.importFromSettings(fromFile, { publishChanged: true, overwriteEdited: true });
    expect(forced).toEqual({ published: [{ name: 'edited', version: 2 }], kept: [], edited: [] });
    expect(await templates.get('edited')).toMatchObject({ description: '', edited_by: null, revision: revision + 3 });
    expect((await run(fromFile, true)).kept).toEqual(['edited']);
  });

  it('refuses all of it with every problem of every workflow, and stores nothing', async () => {
    const editorFormat = { nodes: [], links: [] };
    const taskTypes = await configure(
      { good: graph(), editor: editorFormat, silent: { '1': graph()['1'] } },
      { allowed_frontend_params: ['width', 'cfg'] },
    );
    const refused = await run(taskTypes, true).catch((error: Error) => error);
    expect(refused).toMatchObject({ kind: 'invalid_input', code: 'INVALID_WORKFLOW' });
    const { message } = refused as Error;
    expect(message).toContain('Workflow "good": allowed_frontend_params names cfg, which is not mapped.');
    expect(message).toMatch(/Workflow "editor": .*Export \(API\)/);
    expect(message).toMatch(/Workflow "silent": .*no node saves a file/);
    expect(await events('good')).toEqual([]);
  });

  it.each([
    ['a node that is not there', { width: { node_id: '9', input_name: 'width' } }, 'names node 9'],
    ['an input that is not there', { width: { node_id: '1', input_name: 'breadth' } }, 'names input breadth'],
    [
      'a default of another type',
      { width: { node_id: '1', input_name: 'width', data_type: 'int', default_value: '512' } },
      'must be a whole number',
    ],
  ])('refuses a mapping to %s', async (_, mapping, problem) => {
    const taskTypes = await configure({ mapped: graph() }, { parameter_mapping: mapping });
    await expect(run(taskTypes, true)).rejects.toThrow(problem);
  });

  it('says which file is missing', async () => {
    const taskTypes = await configure({ lost: graph() }, { workflow_file: join(folder, 'gone.json') });
    await expect(run(taskTypes, true)).rejects.toThrow(`${join(folder, 'gone.json')}: there is no such file`);
  });

  it('brings the shipped workflows where the settings name none', async () => {
    const { published } = await run({}, false);
    expect(published.map(({ name }) => name)).toEqual(['sd_basic', 'sdxl_basic', 'test_pattern', 'Wan2.1 i2v']);
    expect((await run({}, true)).published).toEqual([]);
  });

  it('leaves alone what an admin rolled back', async () => {
    await run(await configure({ returned: graph() }), true);
    const newer = await configure({ returned: graph(5) });
    await run(newer, true);
    await services.get(WorkflowVersionsService).applyPublished(await events('returned'));
    const { revision } = await services.get(TemplatesService).get('returned');
    await services.get(PublishingService).rollBack('returned', { version: 1, revision });
    expect(await run(newer, true)).toMatchObject({ published: [], edited: ['returned'] });
    expect((await events('returned')).map(({ definition }) => definition.graph)).toEqual([graph(), graph(5), graph()]);
  });
});
