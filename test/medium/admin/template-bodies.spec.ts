import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService } from '../../../src/admin/index.js';
import { databaseToken, type Database } from '../../../src/database/index.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';

const PASSWORD = 'correct horse';
const WORKFLOWS = '/api/admin/workflows';
const MIB = 1024 * 1024;

const graph = (text = '') => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' }, _meta: { title: text } },
});
const width = { name: 'width', node_id: '1', input_name: 'width', type: 'int' };
const body = (name: string, more: object = {}) => ({ name, task_type: 'text_to_image', graph: graph(), ...more });
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

describe('what is sent to make workflow templates (real: all routes, a database server)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let operator: ApiClient;

  beforeAll(async () => {
    server = await startScratchServer();
    const started = await startApi(server);
    app = started.app;
    await app.get(AdminUsersService).create({ username: 'ops', password: PASSWORD, role: 'operator' });
    operator = await ApiClient.signInAsAdmin(started.url, 'ops', PASSWORD);
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const create = (name: string, more: object = {}) => operator.send('POST', WORKFLOWS, body(name, more));
  const change = async (name: string, more: object) => {
    const { revision } = await operator.json<{ revision: number }>('GET', `${WORKFLOWS}/${name}`);
    return operator.send('PATCH', `${WORKFLOWS}/${name}`, { revision, ...more });
  };
  const upload = (name: string, fields: Record<string, string>) => {
    const form = new FormData();
    for (const [field, value] of Object.entries({ name, task_type: 'text_to_image', ...fields }))
      form.set(field, value);
    form.set('file', new Blob([JSON.stringify(graph())]), 'w.json');
    return operator.send('POST', WORKFLOWS, form);
  };

  it('may be a form, whose numbers and parameters are written as JSON', async () => {
    const parameters = JSON.stringify([{ ...width, description: 'x'.repeat(2_000), default_value: 128 }]);
    const made = await upload('form', { parameters, estimated_time: '42', max_concurrent_tasks: '3' });
    expect([made.status, await made.json()]).toEqual([
      200,
      expect.objectContaining({ estimated_time: 42, max_concurrent_tasks: 3, parameters: [expect.anything()] }),
    ]);
    const wrong: Record<string, string>[] = [
      { parameters: '[{' },
      { estimated_time: 'soon' },
      { estimated_time: '"soon"' },
    ];
    for (const fields of wrong) {
      const answer = await upload('refused', fields);
      const field = Object.keys(fields)[0]!;
      expect([answer.status, await answer.json()]).toEqual([
        422,
        expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ field })]) }),
      ]);
    }
    expect((await upload('refused', { description: 'x'.repeat(3 * MIB) })).status).toBe(413);
  });

  it('may be 2 MiB of JSON, when a template is made and when it is changed', async () => {
    const large = { graph: graph('x'.repeat(1.9 * MIB)) };
    expect((await create('large', large)).status).toBe(200);
    expect((await change('large', { ...large, description: 'Large' })).status).toBe(200);
    const larger = { graph: graph('x'.repeat(2.1 * MIB)) };
    expect((await create('larger', larger)).status).toBe(413);
    expect((await change('large', larger)).status).toBe(413);
    const elsewhere = await operator.send('POST', `${WORKFLOWS}/large/try`, { parameters: 'x'.repeat(1.5 * MIB) });
    expect(elsewhere.status).toBe(413);
  });

  it.each([
    ['a default of many levels', { type: 'json', default_value: nested(40) }],
    ['a default of a hundred thousand characters', { type: 'json', default_value: 'x'.repeat(100_000) }],
    ['an option of a thousand characters', { type: 'string', options: ['x'.repeat(1_000)] }],
    ['an option that is an object', { type: 'json', options: [{ a: nested(40) }] }],
    ['open JSON in the place of a link', { type: 'json', node_id: '2', input_name: 'images' }],
  ])('are refused with %s', async (_, parameter) => {
    const parameters = [{ ...width, ...parameter }];
    expect((await create('refused', { parameters })).status).toBe(422);
    await create('changed');
    expect((await change('changed', { parameters })).status).toBe(422);
  });

  it('are refused with a field that there is not, when a template is made and when it is changed', async () => {
    const refused = async (answer: Response) => {
      const { errors } = (await answer.json()) as { errors: object[] };
      return [answer.status, errors];
    };
    expect(await refused(await create('misspelt', { max_concurrent_task: 3 }))).toEqual([
      422,
      [{ field: 'max_concurrent_task', message: 'There is no field max_concurrent_task here.' }],
    ]);
    await create('spelt');
    expect(await refused(await change('spelt', { parameters: [{ ...width, maximum: 100 }] }))).toEqual([
      422,
      [expect.objectContaining({ field: expect.stringMatching(/maximum$/) })],
    ]);
  });

  it('leave a row in the audit log where nothing but a value of the graph is another', async () => {
    await create('audited');
    const edited = graph();
    edited['1'].inputs.color = 7;
    expect((await change('audited', { graph: edited })).status).toBe(200);
    expect((await change('audited', { graph: edited })).status).toBe(200);
    const database = app.get<Database>(databaseToken('admin'), { strict: false });
    const rows = await database.rows("SELECT action FROM audit_logs WHERE target_id = 'audited' ORDER BY id");
    expect(rows).toEqual([{ action: 'workflow.create' }, { action: 'workflow.change' }]);
  });

  it('are refused with a hundred reasons at most, and how many more there are', async () => {
    const bad = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [String(index), {}]));
    const answer = await create('bad', { graph: bad });
    const { errors } = (await answer.json()) as { errors: { message: string }[] };
    expect([answer.status, errors.length, errors.at(-1)!.message]).toEqual([422, 101, 'And 400 more like these.']);
  });

  it.each(['abc', '0', '-1', '1.5', '1e3', '99999999999999999999', '7'])('are no version %s', async (version) => {
    await create('unpublished');
    expect((await operator.send('GET', `${WORKFLOWS}/unpublished/versions/${version}`)).status).toBe(404);
    const status = /^\d{1,9}$/.test(version) ? 404 : 422;
    for (const side of ['from', 'to']) {
      const answer = await operator.send(
        'GET',
        `${WORKFLOWS}/unpublished/diff?${side === 'from' ? 'to' : 'from'}=draft&${side}=${version}`,
      );
      expect(answer.status).toBe(status);
    }
  });
});
