import { AdminAccountsService } from '../../../src/admin/accounts/admin-accounts.service.js';
import { ADMIN_PASSWORD, AdminApi, codeOf, type Caller } from '../../support/admin-api.js';

const NEW_PASSWORD = 'correct horse battery';

describe("admins' accounts (real: HTTP and MariaDB)", () => {
  let api: AdminApi;
  let chief: Caller;

  beforeAll(async () => {
    api = await AdminApi.start();
    chief = await api.makeAndSignIn('chief', 'super_admin');
  });

  afterAll(() => api.stop());

  const change = async (username: string, fields: object, by = chief) =>
    by('PATCH', `/admins/${await api.idOf(username)}`, {
      ...fields,
      ...('role' in fields || 'status' in fields ? { own_password: ADMIN_PASSWORD } : {}),
    });

  describe('one’s own', () => {
    it('tells who is signed in, and what the role may do', async () => {
      const ada = await api.makeAndSignIn('ada', 'operator');
      const { body } = await ada('GET', '/account');
      expect(body).toMatchObject({ username: 'ada', role: 'operator', has_totp: false, last_login_ip: '10.0.0.2' });
      expect(body.permissions).toEqual(expect.arrayContaining(['nodes.operate', 'tasks.read']));
      expect(body.permissions).not.toContain('admins.read');
    });

    it('changes its password, and ends every other sign-in', async () => {
      const here = await api.makeAndSignIn('bea');
      const there = await api.signIn('bea');
      const send = (old_password: string, new_password: string) =>
        here('POST', '/account/password', { old_password, new_password });
      expect(await send('wrong horse', NEW_PASSWORD)).toMatchObject({ status: 422, body: { code: 'WRONG_PASSWORD' } });
      expect(await send(ADMIN_PASSWORD, 'short')).toMatchObject({ status: 422 });
      expect(await send(ADMIN_PASSWORD, ADMIN_PASSWORD)).toMatchObject({ body: { code: 'SAME_PASSWORD' } });
      expect(await send(ADMIN_PASSWORD, NEW_PASSWORD)).toMatchObject({ status: 200, body: { ended_sessions: 1 } });
      expect((await here('GET', '/account')).status).toBe(200);
      expect((await there('GET', '/account')).status).toBe(401);
      expect((await api.login('bea')).status).toBe(401);
      expect((await api.login('bea', { password: NEW_PASSWORD })).status).toBe(200);
    });

    it('locks against guesses of the old password by who found a token', async () => {
      const thief = await api.makeAndSignIn('cid');
      const guesses = await Promise.all(
        Array.from({ length: api.server.settings.auth.loginAttempts + 3 }, () =>
          thief('POST', '/account/password', { old_password: 'wrong horse', new_password: NEW_PASSWORD }),
        ),
      );
      expect(guesses.filter(({ status }) => status === 429)).toHaveLength(3);
    });

    it('lists its sign-ins, and ends them one by one', async () => {
      const here = await api.makeAndSignIn('dan');
      const there = await api.signIn('dan');
      await api.makeAndSignIn('dora');
      const { body } = await here('GET', '/account/sessions');
      expect(body).toMatchObject({ total: 2, limit: 20, offset: 0 });
      expect(body.sessions.map((session: { is_current: boolean }) => session.is_current)).toEqual([false, true]);
      expect((await here('GET', '/account/sessions?limit=1&offset=1')).body.sessions).toHaveLength(1);
      const [{ session_id: other }] = body.sessions;
      expect((await here('DELETE', `/account/sessions/${other}`)).status).toBe(200);
      expect(await there('GET', '/account')).toMatchObject({ status: 401, body: { code: 'SESSION_ENDED' } });
      expect((await here('DELETE', `/account/sessions/${other}`)).status).toBe(404);
      expect((await here('POST', '/account/logout')).status).toBe(200);
      expect((await here('GET', '/account')).status).toBe(401);
    });

    it('ends nobody else’s sign-in', async () => {
      const eve = await api.makeAndSignIn('eve', 'viewer');
      const { body } = await chief('GET', '/account');
      expect((await eve('DELETE', `/account/sessions/${body.session_id}`)).status).toBe(404);
      expect((await chief('GET', '/account')).status).toBe(200);
    });
  });

  describe('of others', () => {
    it('are made with a password that is shown once, and searched and paged through', async () => {
      const made = await chief('POST', '/admins', {
        own_password: ADMIN_PASSWORD,
        username: 'fay_1',
        role: 'viewer',
        display_name: '100 % Fay',
      });
      expect(made).toMatchObject({ status: 200, body: { username: 'fay_1', role: 'viewer', version: 0 } });
      expect((await api.login('fay_1', { password: made.body.password })).status).toBe(200);
      await chief('POST', '/admins', {
        own_password: ADMIN_PASSWORD,
        username: 'fayx1',
        role: 'viewer',
        password: NEW_PASSWORD,
      });
      const search = async (q: string) =>
        (await chief('GET', `/admins?q=${encodeURIComponent(q)}`)).body.admins.map(
          ({ username }: { username: string }) => username,
        );
      expect(await search('fay')).toEqual(['fay_1', 'fayx1']);
      expect([await search('y_1'), await search('0 %'), await search('%zz')]).toEqual([['fay_1'], ['fay_1'], []]);
      const page = await chief('GET', '/admins?role=viewer&limit=1&offset=1');
      expect(page.body).toMatchObject({ limit: 1, offset: 1, total: expect.any(Number) });
      expect(page.body.admins).toHaveLength(1);
      expect(page.body.total).toBeGreaterThan(1);
      expect(JSON.stringify(page.body)).not.toMatch(/argon2|password/);
      const again = await chief('POST', '/admins', { own_password: ADMIN_PASSWORD, username: 'fay_1', role: 'viewer' });
      expect(again).toMatchObject({ status: 409, body: { code: 'USERNAME_TAKEN' } });
    });

    it('have their new role with their next request', async () => {
      const gus = await api.makeAndSignIn('gus', 'viewer');
      expect((await gus('GET', '/audit')).status).toBe(403);
      expect((await change('gus', { role: 'admin' })).body).toMatchObject({ role: 'admin', version: 1 });
      expect((await gus('GET', '/audit')).status).toBe(200);
      await change('gus', { role: 'operator' });
      expect((await gus('GET', '/audit')).status).toBe(403);
    });

    it('are shut at once when they are locked or made inactive, and their old sign-ins stay ended', async () => {
      const hal = await api.makeAndSignIn('hal');
      for (const status of ['locked', 'inactive']) {
        await change('hal', { status });
        expect((await hal('GET', '/account')).status).toBe(401);
        expect((await api.login('hal')).body.code).toBe('WRONG_CREDENTIALS');
        await change('hal', { status: 'active' });
        expect((await hal('GET', '/account')).status).toBe(401);
      }
      expect((await api.login('hal')).status).toBe(200);
    });

    it('are changed by one of two who look at the same version', async () => {
      await api.make('ida');
      const answers = await Promise.all([
        change('ida', { display_name: 'Ida A', version: 0 }),
        change('ida', { display_name: 'Ida B', version: 0 }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const late = await change('ida', { email: 'x@example.org', version: 0 });
      expect(late).toMatchObject({ status: 409, body: { code: 'CHANGED_MEANWHILE' } });
      expect(await change('ida', { email: 'chief@localhost.invalid' })).toMatchObject({
        body: { code: 'EMAIL_TAKEN' },
      });
      expect((await change('ida', { display_name: null })).body.display_name).toBeNull();
    });

    it('keep one active super_admin, also when two lower each other at once', async () => {
      expect(await change('chief', { role: 'admin' })).toMatchObject({ status: 409, body: { code: 'OWN_ACCOUNT' } });
      const second = await api.makeAndSignIn('jan', 'super_admin');
      const answers = await Promise.all([change('jan', { role: 'admin' }), change('chief', { role: 'admin' }, second)]);
      const statuses = answers.map(({ status }) => status).sort();
      // The later one of them is either refused, or not a super_admin any more when it is asked.
      expect(statuses[0]).toBe(200);
      expect([403, 409]).toContain(statuses[1]);
      const chiefs = await api.database.rows(
        "SELECT 1 FROM admin_users WHERE role = 'super_admin' AND status = 'active'",
      );
      expect(chiefs).toHaveLength(1);
      await api.database.run("UPDATE admin_users SET role = 'super_admin' WHERE username = 'chief'");
    });

    it('get a new password, which ends their sign-ins and their lock', async () => {
      const kim = await api.makeAndSignIn('kim');
      const { loginAttempts } = api.server.settings.auth;
      for (let guess = 0; guess < loginAttempts; guess += 1) await api.login('kim', { password: 'wrong horse' });
      expect((await api.login('kim')).status).toBe(429);
      const id = await api.idOf('kim');
      expect((await chief('GET', `/admins/${id}`)).body.locked_until).toEqual(expect.any(String));
      const reset = await chief('POST', `/admins/${id}/password`, { own_password: ADMIN_PASSWORD });
      expect((await kim('GET', '/account')).status).toBe(401);
      expect((await api.login('kim', { password: reset.body.password })).status).toBe(200);
    });

    it('are neither made nor reset by who found a token and knows no password', async () => {
      await api.makeAndSignIn('kurt');
      const id = await api.idOf('kurt');
      const routes = [
        ['POST', '/admins', { username: 'thief', role: 'super_admin' }],
        ['POST', `/admins/${id}/password`, {}],
        ['PATCH', `/admins/${id}`, { role: 'super_admin' }],
        ['PATCH', `/admins/${id}`, { status: 'inactive' }],
        // It ends a lock, and forgets what was guessed wrong.
        ['PATCH', `/admins/${id}`, { status: 'active' }],
        ['DELETE', `/admins/${id}/totp`, {}],
      ] as const;
      for (const [method, path, body] of routes) {
        expect(await chief(method, path, body)).toMatchObject({ status: 422 });
        expect(await chief(method, path, { ...body, own_password: 'wrong horse' })).toMatchObject({
          status: 422,
          body: { code: 'WRONG_PASSWORD' },
        });
      }
      expect((await api.login('kurt')).status).toBe(200);
      expect((await chief('GET', '/admins?q=thief')).body.total).toBe(0);
    });

    it('are unlocked as they are by then, without undoing what another changed meanwhile', async () => {
      await api.make('kai');
      await change('kai', { status: 'locked' });
      const accounts = api.app.get(AdminAccountsService, { strict: false });
      const seen = await accounts.find(await api.idOf('kai'));
      await change('kai', { display_name: 'Kai', role: 'viewer' });
      await accounts.unlock(seen);
      expect((await chief('GET', `/admins/${seen.id}`)).body).toMatchObject({
        status: 'active',
        role: 'viewer',
        display_name: 'Kai',
      });
      await change('kai', { status: 'inactive' });
      await accounts.unlock(seen);
      expect((await chief('GET', `/admins/${seen.id}`)).body.status).toBe('inactive');
    });

    it('lose a second factor whose phone is lost, and sign-ins that somebody else has', async () => {
      const lea = await api.makeAndSignIn('lea');
      const { body } = await lea('POST', '/account/totp', { password: ADMIN_PASSWORD });
      await lea('POST', '/account/totp/confirm', { code: codeOf(body.secret) });
      const id = await api.idOf('lea');
      expect((await chief('DELETE', `/admins/${id}/totp`, { own_password: ADMIN_PASSWORD })).body.has_totp).toBe(false);
      const again = await api.signIn('lea');
      const { body: list } = await chief('GET', `/admins/${id}/sessions`);
      expect(list.total).toBe(2);
      await chief('DELETE', `/admins/${id}/sessions/${list.sessions[0].session_id}`);
      expect((await again('GET', '/account')).status).toBe(401);
      expect((await lea('GET', '/account')).status).toBe(200);
      expect((await chief('DELETE', `/admins/${id}/sessions`)).body).toEqual({ ended: 1 });
      expect((await lea('GET', '/account')).status).toBe(401);
    });

    it('are not oneself, where the password would have to be asked for', async () => {
      const id = await api.idOf('chief');
      for (const [method, path] of [
        ['POST', 'password'],
        ['DELETE', 'totp'],
      ] as const) {
        const answer = await chief(method, `/admins/${id}/${path}`, { own_password: ADMIN_PASSWORD });
        expect(answer).toMatchObject({ status: 409, body: { code: 'OWN_ACCOUNT' } });
      }
    });

    it.each(['0', '1x', '-1', '9'.repeat(30), 'chief'])('do not exist under the id %s', async (id) => {
      expect(await chief('GET', `/admins/${id}`)).toMatchObject({ status: 404, body: { code: 'ADMIN_NOT_FOUND' } });
    });
  });
});
