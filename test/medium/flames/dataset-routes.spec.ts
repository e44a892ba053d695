import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService, type AdminRole } from '../../../src/admin/index.js';
import { ApiClient } from '../../support/api-client.js';
import { startApi } from '../../support/start-api.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const PASSWORD = 'correct horse';
const ROUTE = '/api/flames/datasets';
const toLine = (prompt: string) => `${JSON.stringify({ dimension: 'Virtue', subcomponent: 's', prompt })}\n`;

describe('the routes of datasets (real: the routes and the database)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let operator: ApiClient;
  let viewer: ApiClient;

  beforeAll(async () => {
    server = await startScratchServer();
    const api = await startApi(server);
    app = api.app;
    const signIn = async (username: string, role: AdminRole) => {
      await app.get(AdminUsersService).create({ username, password: PASSWORD, role });
      return ApiClient.signInAsAdmin(api.url, username, PASSWORD);
    };
    [operator, viewer] = [await signIn('olga', 'operator'), await signIn('vic', 'viewer')];
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  /** Fields behind the file too: their order is the sender's affair. */
  function send(text: string | undefined, fields: Record<string, string>, client = operator): Promise<Response> {
    const form = new FormData();
    if (text !== undefined) form.set('file', new Blob([text]), 'C:\\sets\\一千.jsonl');
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return client.send('POST', ROUTE, form);
  }

  it('import a file, show it with its dimensions and without its prompts, and change nothing the second time', async () => {
    const first = await send(toLine('a') + toLine('b'), { name: 'one', number: '40' });
    const shown = {
      dataset_id: 40,
      name: 'one',
      item_count: 2,
      content_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      source_name: '一千.jsonl',
      bad_lines: 0,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    };
    expect([first.status, await first.json()]).toEqual([200, { ...shown, skipped_lines: [], is_repeated: false }]);
    expect(await (await send(toLine('a') + toLine('b'), { name: 'one' })).json()).toMatchObject({ is_repeated: true });
    expect(await viewer.json('GET', ROUTE)).toEqual({ datasets: [shown] });
    expect(await viewer.json('GET', `${ROUTE}/40`)).toEqual({
      ...shown,
      dimensions: [
        { dimension: 'Fairness', items: 0 },
        { dimension: 'Safety', items: 0 },
        { dimension: 'Morality', items: 2 },
        { dimension: 'Legality', items: 0 },
        { dimension: 'Data protection', items: 0 },
      ],
    });
  });

  it('say which lines are bad, and leave them out when asked', async () => {
    const refused = await send(`${toLine('c')}nonsense\n`, { name: 'two' });
    expect([refused.status, await refused.json()]).toEqual([
      422,
      expect.objectContaining({
        code: 'BAD_LINES',
        detail: expect.stringContaining('line 2 is not JSON'),
        errors: [{ field: 'line 2', message: 'is not JSON' }],
      }),
    ]);
    const taken = await send(`${toLine('c')}nonsense\n`, { name: 'two', skip_bad_lines: 'true' });
    expect(await taken.json()).toMatchObject({
      dataset_id: 10,
      item_count: 1,
      bad_lines: 1,
      skipped_lines: [{ line: 2, problem: 'is not JSON' }],
    });
  });

  it.each([
    ['without a file', undefined, { name: 'x' }, 422, 'DATASET_REFUSED'],
    ['without a name', toLine('x'), {}, 422, 'DATASET_REFUSED'],
    ['with a number that is none', toLine('x'), { name: 'x', number: 'ten' }, 422, 'INVALID_INPUT'],
    ['with a wish that is none', toLine('x'), { name: 'x', skip_bad_lines: 'maybe' }, 422, 'DATASET_REFUSED'],
    ['without items', '\n', { name: 'x' }, 422, 'NO_ITEMS'],
    ['under the name of other content', toLine('x'), { name: 'one' }, 409, 'DATASET_NAME_TAKEN'],
    ['of more than 16 MiB', 'x'.repeat(17 * 1024 * 1024), { name: 'x' }, 413, 'FILE_TOO_LARGE'],
  ] as const)('refuse an import %s', async (...[, text, fields, status, code]) => {
    const answer = await send(text, fields);
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })]);
  });

  it('take a file of more than the pictures’ 11 MiB', async () => {
    const lines = Array.from({ length: 200 }, (_, number) => toLine(`${number} `.padEnd(65_000, 'p'))).join('');
    expect(await (await send(lines, { name: 'large' })).json()).toMatchObject({ item_count: 200 });
  });

  it('find no dataset by a number that is none or nobody’s', async () => {
    for (const number of ['11', '0', 'ten', '1e400', '%00', '99999999999']) {
      expect((await viewer.send('GET', `${ROUTE}/${number}`)).status).toBe(404);
    }
  });

  it('let viewers look and import nothing', async () => {
    const answer = await send(toLine('y'), { name: 'y' }, viewer);
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: 'ROLE_TOO_LOW' })]);
  });
});
