import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { ApiClient } from '../support/api-client.js';
import { Installation, PASSWORD, waitUntilOver } from '../support/installation.js';
import { upload } from '../support/upload.js';
import { waitFor } from '../support/wait-for.js';

interface User {
  client_id: string;
  username: string;
  quota_limit: number;
  quota_used: number;
  version: string;
  password?: string;
}

describe("users in an admin's hands (real: the whole application)", () => {
  let installation: Installation;
  let admin: ApiClient;

  beforeAll(async () => {
    installation = await Installation.start([{ stepMs: 1 }]);
    admin = await installation.signInAsAdmin();
  });

  afterAll(() => installation.stop());

  async function query(sql: string, values: unknown[] = []): Promise<RowDataPacket[]> {
    const connection = await createConnection(installation.server.adminDsn);
    try {
      return (await connection.query<RowDataPacket[]>(sql, values))[0];
    } finally {
      await connection.end();
    }
  }

  const create = (username: string, more: object = {}) =>
    admin.json<User>('POST', '/api/admin/users', { username, password: PASSWORD, ...more });
  const signIn = (username: string, password = PASSWORD) => ApiClient.signIn(installation.app.url, username, password);
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await admin.send(method, path, body);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const submit = (client: ApiClient, seed = 1) => client.submit({ prompt: 'a cat', width: 64, height: 64, seed });

  it('are made, with a password that is shown once, and found again', async () => {
    const { status, body } = await ask('POST', '/api/admin/users', { username: 'ann', password: null, quota_limit: 7 });
    expect([status, body.quota_limit, body.nickname]).toEqual([201, 7, 'ann']);
    expect((await (await signIn('ann', body.password as string)).send('GET', '/api/auth/profile')).status).toBe(200);
    expect(await create('bob', { nickname: 'Bobby' })).not.toHaveProperty('password');
    expect(await ask('POST', '/api/admin/users', { username: 'bob' })).toMatchObject({ status: 409 });
    expect(await ask('POST', '/api/admin/users', { username: 'x', password: 'short' })).toMatchObject({ status: 422 });
    for (const path of ['/api/admin/users', '/admin/users']) {
      expect(await admin.json('GET', `${path}?search=obb`)).toMatchObject({
        users: [{ username: 'bob', nickname: 'Bobby', is_active: true, last_access_at: null }],
        total: 1,
        limit: 20,
        offset: 0,
      });
    }
    expect(await admin.json('GET', '/api/admin/users?active=false')).toMatchObject({ users: [], total: 0 });
    const names = async (order: string) =>
      (await admin.json<{ users: User[] }>('GET', `/api/admin/users?order=${order}`)).users.map(
        (user) => user.username,
      );
    expect(await names('created')).toEqual(['bob', 'ann']);
    expect(await names('last_access')).toEqual(['ann', 'bob']);
    for (const bad of ['active=maybe', 'order=size', 'limit=0']) {
      expect((await admin.send('GET', `/api/admin/users?${bad}`)).status).toBe(422);
    }
    expect((await ask('GET', `/api/admin/users/${crypto.randomUUID()}`)).status).toBe(404);
  });

  it('are shown with their tasks, sign-ins, keys and files', async () => {
    const { client_id: id } = await create('eve');
    const eve = await signIn('eve');
    await waitUntilOver(eve, [await submit(eve)]);
    await upload(eve);
    await eve.json('POST', '/api/v2/api-keys', { name: 'k', scopes: ['tasks:read'] });
    expect(await admin.json('GET', `/api/admin/users/${id}`)).toMatchObject({
      username: 'eve',
      quota_used: 1,
      tasks: { completed: 1 },
      sessions: [{ ip_address: '127.0.0.1', session_id: expect.any(String) }],
      api_keys: [{ name: 'k', scopes: ['tasks:read'], last_used_at: null }],
      storage: {
        uploads: { files: 1, bytes: expect.any(Number) },
        results: { files: 1, bytes: expect.any(Number) },
      },
    });
  });

  it('are changed by one admin at a time, and it is noted what was before', async () => {
    const { client_id: id, version } = await create('fay', { quota_limit: 3 });
    const path = `/api/admin/users/${id}`;
    const change = { quota_limit: 9, nickname: 'Fay', time_zone: 'Asia/Tokyo', version };
    expect(await ask('PATCH', path, change)).toMatchObject({
      status: 200,
      body: { quota_limit: 9, nickname: 'Fay', time_zone: 'Asia/Tokyo' },
    });
    expect(await ask('PATCH', path, change)).toMatchObject({ status: 409, body: { code: 'USER_CHANGED' } });
    expect(await ask('PATCH', path, { quota_limit: null })).toMatchObject({ status: 200, body: { quota_limit: 9 } });
    for (const bad of [{ time_zone: 'Moon' }, { quota_limit: -1 }, { nickname: '' }, { is_active: 'no' }]) {
      expect((await ask('PATCH', path, bad)).status).toBe(422);
    }
    expect(await ask('PATCH', path, {})).toMatchObject({ status: 200, body: { quota_limit: 9 } });
    expect(await ask('POST', `${path}/quota/reset`)).toMatchObject({ status: 200, body: { quota_used: 0 } });
    const audit = await query(
      `SELECT actor, before_state, after_state FROM comfyui_admin.audit_logs
       WHERE target_id = ? AND action <> 'user.create' ORDER BY id`,
      [id],
    );
    expect(audit).toHaveLength(1);
    expect(audit[0]).toMatchObject({
      actor: 'root',
      before_state: { quota_limit: 3 },
      after_state: { quota_limit: 9 },
    });
  });

  it('I18 have their day counted anew without losing a run or giving one back twice', async () => {
    const { client_id: id } = await create('gus', { quota_limit: 2 });
    const gus = await signIn('gus');
    await admin.json('POST', '/api/nodes/sim-1/cordon');
    const first = [await submit(gus, 1), await submit(gus, 2)];
    await expect(submit(gus, 3)).rejects.toThrow('429');
    expect(await ask('POST', `/api/admin/users/${id}/quota/reset`)).toMatchObject({ body: { quota_used: 0 } });
    // What fails by our own fault is paid back; these were given back already.
    installation.simulators[0]!.faults.arm('lose_file', { times: 1_000 });
    await admin.json('POST', '/api/nodes/sim-1/uncordon');
    const ends = await waitUntilOver(gus, first);
    expect(ends.map(({ error_code: code }) => code)).toEqual(['OUTPUT_MISSING', 'OUTPUT_MISSING']);
    installation.simulators[0]!.faults.clear();
    await admin.json('POST', '/api/nodes/sim-1/breaker/reset');
    const charged = await submit(gus, 4);
    await waitUntilOver(gus, [charged]);
    const [sum] = await query(
      `SELECT SUM(IF(kind = 'charge', amount, -amount)) AS open FROM comfyui_client.quota_ledger WHERE client_id = ?`,
      [id],
    );
    const user = await admin.json<User>('GET', `/api/admin/users/${id}`);
    expect([Number(sum!.open), user.quota_used]).toEqual([1, 1]);
  });

  it('I18 keep what they used when their clock goes back by a day, and a reset finds it', async () => {
    // A day or two apart at every moment.
    const [ahead, behind] = ['Pacific/Kiritimati', 'Pacific/Pago_Pago'];
    const { client_id: id } = await create('kit', { quota_limit: 5 });
    await ask('PATCH', `/api/admin/users/${id}`, { time_zone: ahead });
    const kit = await signIn('kit');
    await waitUntilOver(kit, [await submit(kit, 1), await submit(kit, 2)]);
    expect(await ask('PATCH', `/api/admin/users/${id}`, { time_zone: behind })).toMatchObject({
      body: { time_zone: behind, quota_used: 2 },
    });
    await waitUntilOver(kit, [await submit(kit, 3)]);
    expect(await admin.json('GET', `/api/admin/users/${id}`)).toMatchObject({ quota_used: 3 });
    expect(await ask('POST', `/api/admin/users/${id}/quota/reset`)).toMatchObject({ body: { quota_used: 0 } });
    const [sum] = await query(
      `SELECT SUM(IF(kind = 'charge', amount, -amount)) AS open FROM comfyui_client.quota_ledger WHERE client_id = ?`,
      [id],
    );
    expect(Number(sum!.open)).toBe(0);
  });

  it('I18 lose no charge that comes beside a reset or a change of the limit', async () => {
    const { client_id: id } = await create('hal', { quota_limit: 100 });
    const hal = await signIn('hal');
    const submits = Array.from({ length: 20 }, (_, seed) => submit(hal, seed + 1));
    const resets = [1, 2, 3].map(() => ask('POST', `/api/admin/users/${id}/quota/reset`));
    const changes = [90, 80, 70].map((limit) => ask('PATCH', `/api/admin/users/${id}`, { quota_limit: limit }));
    const answers = await Promise.all([...resets, ...changes]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    await waitUntilOver(hal, await Promise.all(submits));
    const [sum] = await query(
      `SELECT SUM(IF(kind = 'charge', amount, -amount)) AS open, SUM(kind = 'charge') AS charges
       FROM comfyui_client.quota_ledger WHERE client_id = ?`,
      [id],
    );
    const user = await admin.json<User>('GET', `/api/admin/users/${id}`);
    expect([Number(sum!.open), Number(sum!.charges)]).toEqual([user.quota_used, 20]);
  });

  it('are signed out everywhere, by a new password or because an admin says so', async () => {
    const { client_id: id } = await create('ida');
    const ida = await signIn('ida');
    const other = await signIn('ida');
    expect(await ask('POST', `/api/admin/users/${id}/sessions/revoke`)).toMatchObject({ body: { ended: 2 } });
    expect((await ida.send('GET', '/api/auth/profile')).status).toBe(401);
    expect((await other.send('GET', '/api/auth/profile')).status).toBe(401);
    const third = await signIn('ida');
    const path = `/api/admin/users/${id}/password`;
    expect(await ask('POST', path, { password: 'ida' })).toMatchObject({ status: 422 });
    const { body } = await ask('POST', path, {});
    expect((await third.send('GET', '/api/auth/profile')).status).toBe(401);
    await expect(signIn('ida')).rejects.toThrow('401');
    expect(await (await signIn('ida', body.password as string)).json('GET', '/api/auth/profile')).toMatchObject({
      username: 'ida',
    });
    const audits = await query('SELECT * FROM comfyui_admin.audit_logs WHERE target_id = ?', [id]);
    expect(JSON.stringify(audits)).not.toContain(body.password);
  });

  it('are disabled: sign-ins, keys and streams end at once, and what waits only where that is wished', async () => {
    const { client_id: id } = await create('joe');
    const joe = await signIn('joe');
    await admin.json('POST', '/api/nodes/sim-1/cordon');
    const taskId = await submit(joe);
    const { api_key: key } = await joe.json<{ api_key: string }>('POST', '/api/v2/api-keys', {
      name: 'k',
      scopes: ['tasks:read'],
    });
    const byKey = () =>
      new ApiClient(installation.app.url).send('GET', '/api/v2/tasks', undefined, { 'x-api-key': key });
    expect((await byKey()).status).toBe(200);
    const stream = await joe.send('GET', '/api/v2/events');
    const path = `/api/admin/users/${id}`;
    expect(await ask('PATCH', path, { is_active: false })).toMatchObject({ status: 200, body: { is_active: false } });
    await stream.text();
    expect((await byKey()).status).toBe(401);
    expect((await joe.send('GET', '/api/v2/tasks')).status).toBe(401);
    await expect(signIn('joe')).rejects.toThrow('401');
    const statusOf = async () =>
      (await query('SELECT status FROM comfyui_client.client_tasks WHERE task_id = ?', [taskId]))[0]!.status as string;
    expect(await statusOf()).toBe('queued');
    expect(await ask('PATCH', path, { is_active: false, cancel_tasks: true })).toMatchObject({
      body: { cancelled_tasks: 1 },
    });
    await waitFor(async () => (await statusOf()) === 'cancelled', { what: 'the cancel' });
    await ask('PATCH', path, { is_active: true });
    expect((await joe.send('GET', '/api/v2/tasks')).status).toBe(401);
    expect((await byKey()).status).toBe(401);
    await signIn('joe');
    await admin.json('POST', '/api/nodes/sim-1/uncordon');
  });
});
