import { AuditLogsRepository, AuditService } from '../../../src/admin/index.js';
import { ADMIN_PASSWORD, AdminApi, type Answer, type Caller } from '../../support/admin-api.js';
import { ApiClient } from '../../support/api-client.js';

interface Entry {
  id: string;
  actor: string;
  action: string;
  target_id: string | null;
}

describe('the audit log (real: HTTP and MariaDB)', () => {
  let api: AdminApi;
  let root: Caller;

  beforeAll(async () => {
    api = await AdminApi.start();
    root = await api.makeAndSignIn('root', 'super_admin');
  });

  afterAll(() => api.stop());

  const list = async (query: string): Promise<{ entries: Entry[]; total: number; next_cursor: string | null }> => {
    const { status, body } = await root('GET', `/audit?${query}`);
    expect([status, body.code]).toEqual([200, undefined]);
    return body;
  };
  const actions = async (query: string) => (await list(query)).entries.map(({ action }) => action);

  /** As the dashboard asks, beside /api/admin. */
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const { body: login } = await api.login('root');
    const headers = { authorization: `Bearer ${login.access_token}` };
    const answer = await new ApiClient(api.url).send(method, path, body, headers);
    return { status: answer.status, requestId: answer.headers.get('x-request-id'), body: await answer.json() };
  };

  it('tells who, what, from where, in which request, and what it was before', async () => {
    await api.make('ada', 'viewer');
    const { requestId } = await root('PATCH', `/admins/${await api.idOf('ada')}`, {
      role: 'operator',
      own_password: ADMIN_PASSWORD,
    });
    const { entries } = await list('action=admin.change');
    const state = { display_name: null, email: 'ada@localhost.invalid', status: 'active' };
    expect(entries[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      created_at: expect.stringMatching(/Z$/),
      actor: 'root',
      admin_id: await api.idOf('root'),
      action: 'admin.change',
      target_type: 'admin',
      target_id: 'ada',
      before: { ...state, role: 'viewer' },
      after: { ...state, role: 'operator' },
      ip_address: '127.0.0.1',
      user_agent: 'node',
      request_id: requestId,
    });
    expect((await root('GET', `/audit/${entries[0]!.id}`)).body).toEqual(entries[0]);
    await root('PATCH', `/admins/${await api.idOf('ada')}`, { role: 'operator', own_password: ADMIN_PASSWORD });
    expect((await list('action=admin.change')).total).toBe(1);
  });

  it('notes sign-ins, refusals by the name that was given, and ends', async () => {
    await api.make('bea');
    await api.login('bea', { password: 'wrong horse' });
    await api.login('x'.repeat(150));
    const bea = await api.signIn('bea');
    await bea('POST', '/account/password', { old_password: 'correct horse', new_password: 'correct horse battery' });
    await bea('POST', '/account/logout');
    expect(await actions('actor=bea')).toEqual(['admin.sign_out', 'admin.password', 'admin.sign_in']);
    expect(await actions('actor=?:bea')).toEqual(['admin.sign_in_refused']);
    await api.login('node:x');
    expect(await actions('actor=node:x')).toEqual([]);
    const { entries } = await list(`action=admin.sign_in_refused&actor=?:${'x'.repeat(64)}`);
    expect(entries).toMatchObject([{ after: { reason: 'unknown_name' }, ip_address: expect.stringMatching(/^10\./) }]);
  });

  it('notes no more refusals than there may be attempts', async () => {
    await api.make('cid');
    const { loginAttempts } = api.server.settings.auth;
    await Promise.all(Array.from({ length: loginAttempts + 10 }, () => api.login('cid', { password: 'wrong horse' })));
    expect((await list('actor=?:cid&action=admin.sign_in_refused')).total).toBe(loginAttempts);
  });

  it('notes what is done with nodes where it changes something', async () => {
    const node = { node_id: 'n1', host: '127.0.0.1', port: 8188 };
    const { body: made } = await ask('POST', '/api/nodes/register', node);
    for (const [method, path] of [
      ['POST', '/cordon'],
      ['POST', '/cordon'],
      ['POST', '/uncordon'],
      ['POST', '/drain'],
      ['POST', '/breaker/reset'],
      ['POST', '/canary'],
    ] as const) {
      expect((await ask(method, `/api/nodes/n1${path}`, {})).status).toBe(200);
    }
    const asNode = { authorization: `Bearer ${made.node_token}` };
    const client = new ApiClient(api.url);
    await client.json('POST', '/api/nodes/register', node, asNode);
    await client.json('POST', '/api/nodes/register', { ...node, port: 8189 }, asNode);
    await ask('POST', '/api/nodes/n1/token');
    await ask('DELETE', '/api/nodes/n1');
    const { entries } = await list('target_type=node&target_id=n1');
    expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'root node.remove',
      'root node.token',
      'node:n1 node.register',
      'root node.canary',
      'root node.drain',
      'root node.uncordon',
      'root node.cordon',
      'root node.token',
      'root node.register',
    ]);
    expect(entries[2]).toMatchObject({
      before: { url: 'http://127.0.0.1:8188' },
      after: { url: 'http://127.0.0.1:8189' },
    });
    expect(entries[6]).toMatchObject({ before: { is_cordoned: false }, after: { is_cordoned: true } });
    expect(JSON.stringify(entries)).not.toContain('cwsn_');
  });

  it('notes a redrive of many once, with what it was asked for and what it did', async () => {
    await ask('POST', '/admin/tasks/dead-letters/redrive', { error_code: 'NODE_LOST' });
    expect((await list('action=task.')).entries).toMatchObject([
      {
        action: 'task.redrive',
        after: { filter: { error_code: 'NODE_LOST' }, redriven: 0, repeated: 0, skipped: 0, remaining: 0 },
      },
    ]);
  });

  it('is filtered and searched', async () => {
    const audit = api.app.get(AuditService);
    for (const target of ['gpu_1', 'gpux1', '50%']) {
      await audit.record({ action: 'test.done', actor: 'someone', targetType: 'thing', targetId: target });
    }
    const found = async (query: string) => (await list(query)).entries.map(({ target_id: id }) => id);
    expect(await found('action=test.')).toEqual(['50%', 'gpux1', 'gpu_1']);
    expect(await found('action=test.&q=u_1')).toEqual(['gpu_1']);
    expect(await found(`q=${encodeURIComponent('0%')}`)).toEqual(['50%']);
    expect(await found('actor=someone&target_id=gpux1')).toEqual(['gpux1']);
    expect(await found('q=omeone&target_type=thing')).toHaveLength(3);
    const [row] = await api.database.rows<{ at: Date }>(
      "SELECT MIN(created_at) AS at FROM audit_logs WHERE action = 'test.done'",
    );
    const at = row!.at.toISOString();
    expect(await found(`action=test.&to=${at}`)).toEqual([]);
    expect(await found(`action=test.&from=${at}`)).toHaveLength(3);
    expect(await list('actor=nobody')).toMatchObject({ entries: [], total: 0, next_cursor: null });
  });

  it('is searched for words in the last 30 days, unless a beginning is named, and says so', async () => {
    await api.app.get(AuditService).record({ action: 'test.old', targetId: 'longago' });
    const old = new Date(Date.now() - 40 * 86_400_000);
    await api.database.run("UPDATE audit_logs SET created_at = ? WHERE action = 'test.old'", [old]);
    const ask = async (query: string) => (await root('GET', `/audit?${query}`)).body;
    const searched = await ask('q=longago');
    expect(searched).toMatchObject({ entries: [], total: 0 });
    expect(Date.now() - Date.parse(searched.searched_from)).toBeGreaterThan(29 * 86_400_000);
    const from = new Date(old.getTime() - 1_000).toISOString();
    expect(await ask(`q=longago&from=${from}`)).toMatchObject({ total: 1, searched_from: from });
    const to = new Date(old.getTime() + 1_000).toISOString();
    expect(await ask(`q=longago&to=${to}`)).toMatchObject({ total: 1 });
    expect(await ask('action=test.old')).toMatchObject({ total: 1, searched_from: null });
  });

  it('is paged by a cursor that new entries do not move', async () => {
    const audit = api.app.get(AuditService);
    for (let at = 0; at < 5; at += 1) await audit.record({ action: `page.n${at}` });
    const first = await list('action=page.&limit=2');
    await audit.record({ action: 'page.late' });
    const second = await list(`action=page.&limit=2&cursor=${first.next_cursor}`);
    const third = await list(`action=page.&limit=2&cursor=${second.next_cursor}`);
    const seen = [first, second, third].map(({ entries }) => entries.map(({ action }) => action.slice(-2)));
    expect(seen).toEqual([['n4', 'n3'], ['n2', 'n1'], ['n0']]);
    expect([first.total, third.next_cursor]).toEqual([5, null]);
  });

  it.each(['limit=0', 'limit=101', 'cursor=x', 'cursor=0', 'from=yesterday', 'action=%25', 'q='])(
    'refuses %s',
    async (query) => {
      expect((await root('GET', `/audit?${query}`)).status).toBe(422);
    },
  );

  it('is for admins to read, and does not know what is no entry', async () => {
    const operator = await api.makeAndSignIn('oda', 'operator');
    expect((await operator('GET', '/audit')).status).toBe(403);
    for (const id of ['0', 'x', '999999999']) expect((await root('GET', `/audit/${id}`)).status).toBe(404);
  });

  it('lets retention take what is old, so many at a time, and nothing else', async () => {
    const logs = api.app.get(AuditLogsRepository);
    const { total } = await list('');
    const [oldest] = await api.database.rows<{ id: string; last: Date }>(
      'SELECT MIN(id) AS id, MAX(created_at) AS last FROM audit_logs',
    );
    const time = new Date(oldest!.last.getTime() + 1);
    await api.app.get(AuditService).record({ action: 'test.kept' });
    await api.database.run("UPDATE audit_logs SET created_at = ? WHERE action = 'test.kept'", [time]);
    expect(await logs.removeBefore(time, 2)).toBe(2);
    expect((await root('GET', `/audit/${oldest!.id}`)).status).toBe(404);
    expect(await logs.removeBefore(time, 10_000)).toBe(total - 2);
    expect(await logs.removeBefore(time, 10_000)).toBe(0);
    expect(await actions('')).toEqual(['test.kept']);
  });
});
