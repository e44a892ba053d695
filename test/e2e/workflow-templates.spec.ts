import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { AdminUsersService } from '../../src/admin/index.js';
import { ApiClient } from '../support/api-client.js';
import { Installation, PASSWORD, waitUntilOver } from '../support/installation.js';
import { startServices } from '../support/start-services.js';
import { waitFor } from '../support/wait-for.js';

const WORKFLOWS = '/api/admin/workflows';

interface Template {
  name: string;
  revision: number;
  published_version: number;
  has_unpublished_changes: boolean;
  problems: string[];
  parameters: object[];
}

const graph = (color = 1) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
});
const width = { name: 'width', node_id: '1', input_name: 'width', type: 'int', min: 64, max: 256, default_value: 128 };

describe('workflow templates (real: the whole application, simulated nodes)', () => {
  let installation: Installation;
  let admin: ApiClient;
  let operator: ApiClient;
  let user: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }]);
    admin = await installation.signInAsAdmin();
    user = await installation.signIn('ann');
    const services = await startServices(installation.server);
    await services.get(AdminUsersService).create({ username: 'ops', password: PASSWORD, role: 'operator' });
    await services.close();
    operator = await ApiClient.signInAsAdmin(installation.app.url, 'ops', PASSWORD);
  });

  afterAll(() => installation.stop());

  const create = (name: string, more: object = {}) =>
    operator.json<Template>('POST', WORKFLOWS, { name, task_type: 'text_to_image', graph: graph(), ...more });
  const get = (name: string) => operator.json<Template>('GET', `${WORKFLOWS}/${name}`);
  const change = (name: string, body: object) => operator.send('PATCH', `${WORKFLOWS}/${name}`, body);
  const publish = async (name: string) =>
    admin.json<{ version: number; is_new: boolean; changes: object }>('POST', `${WORKFLOWS}/${name}/publish`, {
      revision: (await get(name)).revision,
    });
  const offered = (name: string, version: number) =>
    waitFor(
      async () => {
        const answer = await user.send('GET', `/api/v2/workflows/${name}`);
        const body = (await answer.json()) as { version?: number };
        return body.version === version && body;
      },
      { what: `version ${version} of ${name}` },
    );
  const submit = (name: string, more: object = {}) =>
    user.send('POST', '/api/v2/tasks/text-to-image', { prompt: 'a cat', workflow_name: name, ...more });

  it('go from a draft to users: created, mapped, published, run within their ranges', async () => {
    const made = await create('colours', { parameters: [width] });
    expect(made).toMatchObject({ published_version: 0, has_unpublished_changes: true, problems: [] });
    expect((await submit('colours')).status).toBe(422);
    expect(await publish('colours')).toMatchObject({
      version: 1,
      is_new: true,
      changes: {
        is_same: false,
        nodes: { added: [{ node_id: '1' }, { node_id: '2' }] },
        parameters: { added: ['width'] },
      },
    });
    expect(await offered('colours', 1)).toMatchObject({
      parameters: [{ name: 'width', min: 64, max: 256, default: 128, required: false }],
    });
    const refused = await submit('colours', { width: 512 });
    expect([refused.status, await refused.json()]).toEqual([
      422,
      expect.objectContaining({ message: 'width must not be more than 256.' }),
    ]);
    const taken = (await (await submit('colours', { width: 192 })).json()) as { task_id: string };
    expect(await waitUntilOver(user, [taken.task_id])).toMatchObject([{ status: 'completed' }]);
    expect(await publish('colours')).toMatchObject({ version: 1, is_new: false, changes: { is_same: true } });
  });

  it('take an upload, and refuse what is no workflow in the API format with the reason', async () => {
    const send = (file: string | undefined, name = 'uploaded') => {
      const form = new FormData();
      form.set('name', name);
      form.set('task_type', 'text_to_image');
      if (file !== undefined) form.set('file', new Blob([file]), 'w.json');
      return operator.send('POST', WORKFLOWS, form);
    };
    expect((await send(JSON.stringify(graph()))).status).toBe(200);
    expect((await send(JSON.stringify(graph()))).status).toBe(409);
    const link = { class_type: 'SaveImage', inputs: { images: ['9', 0], filename_prefix: 'x' } };
    const circle = {
      '1': { class_type: 'A', inputs: { a: ['2', 0] } },
      '2': { class_type: 'B', inputs: { b: ['1', 0] } },
    };
    const deep = (levels: number) => {
      const value = JSON.stringify({ __value__: 0 }).replace('0', `${'['.repeat(levels)}1${']'.repeat(levels)}`);
      return JSON.stringify(graph()).replace('64', value);
    };
    expect((await send(deep(15), 'deep')).status).toBe(200);
    await publish('deep');
    const refusals: [string | undefined, RegExp][] = [
      [JSON.stringify({ nodes: [], links: [], last_node_id: 3 }), /Export \(API\)/],
      [JSON.stringify({ last_node_id: 3, nodes: [{ id: 1 }] }), /Export \(API\)/],
      ['', /empty/],
      ['{"1": ', /not JSON/],
      ['[]', /not a JSON object/],
      ['{}', /holds no nodes/],
      [JSON.stringify({ '7': { inputs: {} } }), /node 7 has no class_type/],
      [JSON.stringify({ '2': link }), /node 2, input images: links to node 9/],
      [JSON.stringify(circle), /depends on itself/],
      [`{"1":{"class_type":"A","inputs":{"a":${'{"b":'.repeat(5_000)}1${'}'.repeat(5_000)}}}}`, /more than 100 levels/],
      [deep(40), /nested deeper/],
      [undefined, /"file" is missing/],
    ];
    for (const [file, reason] of refusals) {
      const answer = await send(file, 'refused');
      expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([
        422,
        expect.stringMatching(reason),
      ]);
    }
    expect((await send('x'.repeat(3 * 1024 * 1024), 'refused')).status).toBe(413);
    expect((await operator.send('GET', `${WORKFLOWS}/refused`)).status).toBe(404);
  });

  it('are found by name, type and whether they are enabled', async () => {
    await create('findable', { description: 'Made of 100% colour' });
    const found = (query: string) =>
      operator.json<{ total: number; workflows: Template[] }>('GET', `${WORKFLOWS}?${query}`);
    expect(await found('q=100%25')).toMatchObject({ total: 1, limit: 20, workflows: [{ name: 'findable' }] });
    expect(await found('q=nothing_of_the_kind')).toMatchObject({ total: 0, workflows: [] });
    expect((await found('task_type=image_to_video')).workflows.map(({ name }) => name)).toEqual(['Wan2.1 i2v']);
    expect((await found('is_enabled=false')).total).toBe(0);
    expect((await found('limit=1&offset=1')).workflows).toHaveLength(1);
    expect((await operator.send('GET', `${WORKFLOWS}?limit=1000`)).status).toBe(422);
  });

  it('lose no change to another made meanwhile', async () => {
    const { revision } = await create('contested');
    const both = await Promise.all(['one', 'two'].map((description) => change('contested', { revision, description })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('keep a new graph that the mapping does not fit as a draft, and refuse to publish it', async () => {
    const { revision } = await create('halfway', { parameters: [width] });
    const other = {
      '5': { ...graph()['1'] },
      '2': { ...graph()['2'], inputs: { ...graph()['2'].inputs, images: ['5', 0] } },
    };
    const changed = (await (await change('halfway', { revision, graph: other })).json()) as Template;
    expect(changed.problems).toEqual(['parameter width names node 1, which is not there']);
    const refused = await admin.send('POST', `${WORKFLOWS}/halfway/publish`, { revision: changed.revision });
    expect([refused.status, await refused.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'WORKFLOW_NOT_RUNNABLE', message: expect.stringContaining('names node 1') }),
    ]);
    const wrong = await change('halfway', {
      revision: changed.revision,
      parameters: [{ ...width, node_id: '5', max: 8 }],
    });
    expect(wrong.status).toBe(422);
    const bare = { ...width, node_id: '5' };
    expect((await change('halfway', { revision: changed.revision, parameters: [bare] })).status).toBe(200);
    expect((await get('halfway')).problems).toEqual([]);
  });

  it('are compared, and rolled back as a new version', async () => {
    await create('versions', { parameters: [width] });
    await publish('versions');
    const { revision } = await get('versions');
    await change('versions', { revision, graph: graph(9), description: 'Redder' });
    const diff = (query: string) => operator.json<object>('GET', `${WORKFLOWS}/versions/diff?${query}`);
    const difference = {
      is_same: false,
      fields: [{ name: 'description', from: '', to: 'Redder' }],
      nodes: { changed: [{ node_id: '1', inputs: [{ name: 'color', from: 1, to: 9 }] }] },
    };
    expect(await diff('')).toMatchObject(difference);
    expect(await publish('versions')).toMatchObject({ version: 2, changes: difference });
    expect(await diff('')).toMatchObject({ is_same: true });
    await offered('versions', 2);
    expect(await diff('from=1&to=2')).toMatchObject(difference);
    expect((await operator.send('GET', `${WORKFLOWS}/versions/diff?from=7`)).status).toBe(404);
    const back = { version: 1, revision: (await get('versions')).revision };
    expect(await admin.json('POST', `${WORKFLOWS}/versions/rollback`, back)).toMatchObject({
      version: 3,
      is_new: true,
    });
    await offered('versions', 3);
    expect(await diff('from=1&to=3')).toMatchObject({ is_same: true });
    expect(await operator.json('GET', `${WORKFLOWS}/versions/versions`)).toMatchObject({
      total: 3,
      versions: [{ version: 3, is_current: true }, { version: 2 }, { version: 1 }],
    });
    expect(await operator.json('GET', `${WORKFLOWS}/versions/versions/2`)).toMatchObject({ description: 'Redder' });
  });

  it('give up what was never published only when they are told to', async () => {
    const before = await get('versions');
    await change('versions', { revision: before.revision, description: 'Not ready' });
    const { revision } = await get('versions');
    const refused = await admin.send('POST', `${WORKFLOWS}/versions/rollback`, { version: 2, revision });
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'UNPUBLISHED_CHANGES' }]);
    const discards = { version: 2, revision, discard_draft: true };
    expect(await admin.json('POST', `${WORKFLOWS}/versions/rollback`, discards)).toMatchObject({ version: 4 });
    const after = await get('versions');
    expect(after).toMatchObject({ description: 'Redder', has_unpublished_changes: false });
    await admin.json('POST', `${WORKFLOWS}/versions/rollback`, { version: 2, revision: after.revision });
    expect(await get('versions')).toEqual(after);
  });

  it('are closed to submits while they are disabled, and what waits goes on', async () => {
    await create('shut', { parameters: [width] });
    await publish('shut');
    await offered('shut', 1);
    const taken = (await (await submit('shut')).json()) as { task_id: string };
    const enable = async (isEnabled: boolean) =>
      admin.json('POST', `${WORKFLOWS}/shut/enabled`, {
        is_enabled: isEnabled,
        revision: (await get('shut')).revision,
      });
    expect(await enable(false)).toMatchObject({
      is_enabled: false,
      published_version: 2,
      has_unpublished_changes: false,
    });
    await waitFor(async () => (await submit('shut')).status === 422, { what: 'the refusal of submits' });
    expect(await waitUntilOver(user, [taken.task_id])).toMatchObject([{ status: 'completed' }]);
    await enable(true);
    await offered('shut', 3);
    expect((await submit('shut')).status).toBe(200);
  });

  it('are deleted only before they were ever published', async () => {
    await create('gone');
    expect((await operator.send('DELETE', `${WORKFLOWS}/gone`)).status).toBe(200);
    expect((await operator.send('GET', `${WORKFLOWS}/gone`)).status).toBe(404);
    const refused = await operator.send('DELETE', `${WORKFLOWS}/sd_basic`);
    expect([refused.status, await refused.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'WORKFLOW_PUBLISHED' }),
    ]);
  });

  it('are tried: checked against what nodes have, and rendered once', async () => {
    await create('tried', { parameters: [width] });
    await waitFor(async () => {
      const { nodes } = await operator.json<{ nodes: { status: string }[] }>('GET', '/api/nodes');
      return nodes.every(({ status }) => status === 'online');
    });
    const attempt = (body: object) => operator.send('POST', `${WORKFLOWS}/tried/try`, body);
    expect(await (await attempt({})).json()).toMatchObject({
      can_run: true,
      values: { width: 128 },
      nodes: [{ node_id: 'sim-1', can_run: true, missing: [] }],
      run: null,
    });
    expect(await (await attempt({ run: true, parameters: { width: 96 } })).json()).toMatchObject({
      run: { node_id: 'sim-1', picture: 'png, 96x64' },
    });
    expect((await attempt({ parameters: { width: 1_000 } })).status).toBe(422);
    expect((await attempt({ parameters: { breadth: 1 } })).status).toBe(422);
    const { revision } = await get('tried');
    const missing = { ...graph(), '3': { class_type: 'NoSuchNode', inputs: { ckpt: 'none.safetensors' } } };
    await change('tried', { revision, graph: missing });
    expect(await (await attempt({})).json()).toMatchObject({
      can_run: false,
      nodes: [{ can_run: false, missing: ['the node class NoSuchNode'] }],
    });
    expect((await attempt({ run: true })).status).toBe(409);
    const inputs = await operator.json<{ inputs: object[] }>('GET', `${WORKFLOWS}/sd_basic/inputs`);
    expect(inputs.inputs).toContainEqual(expect.objectContaining({ input_name: 'ckpt_name', parameter: 'checkpoint' }));
  });

  it('are published by admins alone, and each step is in the audit log', async () => {
    await create('audited');
    const { revision } = await get('audited');
    expect((await operator.send('POST', `${WORKFLOWS}/audited/publish`, { revision })).status).toBe(403);
    expect((await admin.send('POST', `${WORKFLOWS}/audited/publish`, {})).status).toBe(422);
    await publish('audited');
    const connection = await createConnection(installation.server.adminDsn);
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT actor, action FROM comfyui_admin.audit_logs WHERE target_id = 'audited' ORDER BY id",
    );
    await connection.end();
    expect(rows).toEqual([
      { actor: 'ops', action: 'workflow.create' },
      { actor: 'root', action: 'workflow.publish' },
    ]);
  });
});
