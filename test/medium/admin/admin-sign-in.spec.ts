import type { INestApplicationContext } from '@nestjs/common';
import { AdminAuthService, AdminUsersService } from '../../../src/admin/index.js';
import { AdminUsersRepository } from '../../../src/admin/auth/admin-users.repository.js';
import { ClientAuthService } from '../../../src/client/index.js';
import { type Database, databaseToken } from '../../../src/database/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startServices } from '../../support/start-services.js';

const PASSWORD = 'correct horse';

describe('signing in as an admin', () => {
  let server: ScratchServer;
  let services: INestApplicationContext;
  let database: Database;
  let auth: AdminAuthService;
  let users: AdminUsersService;
  let addresses = 0;

  beforeAll(async () => {
    server = await startScratchServer();
    services = await startServices(server);
    database = services.get<Database>(databaseToken('admin'), { strict: false });
    auth = services.get(AdminAuthService);
    users = services.get(AdminUsersService);
  });

  afterAll(async () => {
    await services.close();
    await server.stop();
  });

  const callerOf = () => ({ ipAddress: `10.0.0.${(addresses += 1)}`, userAgent: 'test' });
  const signIn = (username: string, password = PASSWORD, caller = callerOf()) =>
    auth.signIn({ username, password }, caller);
  const enter = (token: string) => auth.authenticate(`Bearer ${token}`);

  it('answers as the dashboard reads it, and notes the sign-in', async () => {
    await users.create({ username: 'ada', password: PASSWORD, role: 'operator' });
    const answer = await signIn('ada');
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      user: { username: 'ada', display_name: null, role: 'operator' },
    });
    expect(await enter(answer.access_token)).toMatchObject({ username: 'ada', role: 'operator' });
    const rows = await database.rows("SELECT login_count, failed_logins FROM admin_users WHERE username = 'ada'");
    expect(rows).toEqual([{ login_count: 1, failed_logins: 0 }]);
  });

  it("takes no user's token, and no admin's token is a user's", async () => {
    await users.create({ username: 'bob', password: PASSWORD, role: 'admin' });
    const { access_token: token } = await signIn('bob');
    const client = services.get(ClientAuthService).authenticate(`Bearer ${token}`);
    await expect(client).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('ends for an admin who is made inactive, and with the session', async () => {
    await users.create({ username: 'cid', password: PASSWORD, role: 'admin' });
    const { access_token: token } = await signIn('cid');
    await database.run("UPDATE admin_users SET status = 'inactive' WHERE username = 'cid'");
    await expect(enter(token)).rejects.toMatchObject({ kind: 'unauthorized', code: 'SESSION_ENDED' });
    await expect(signIn('cid')).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    await database.run("UPDATE admin_users SET status = 'active' WHERE username = 'cid'");
    await database.run('UPDATE sessions SET revoked_at = NOW(3)');
    await expect(enter(token)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('is refused where the password was changed, or the account shut, while it was being checked', async () => {
    await users.create({ username: 'cleo', password: PASSWORD, role: 'admin' });
    const rows = services.get(AdminUsersRepository, { strict: false });
    const seen = (await rows.findByUsername('cleo'))!;
    const note = () => rows.noteSignIn(database, seen, '10.0.0.1', new Date());
    expect(await note()).toBe(true);
    await rows.change(database, seen.id, { ...seen, status: 'locked' });
    expect(await note()).toBe(false);
    await rows.change(database, seen.id, seen);
    await rows.replacePassword(database, seen.id, seen.passwordHash, 'another');
    expect(await note()).toBe(false);
  });

  it('locks the account after repeated failures, even all at once, and opens it with time', async () => {
    await users.create({ username: 'dan', password: PASSWORD, role: 'admin' });
    const { loginAttempts } = server.settings.auth;
    const guesses = await Promise.allSettled(
      Array.from({ length: loginAttempts + 5 }, () => signIn('dan', 'wrong horse')),
    );
    const codes = guesses.map((guess) => ((guess as PromiseRejectedResult).reason as { code: string }).code);
    expect(codes.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(loginAttempts);
    await expect(signIn('dan')).rejects.toMatchObject({ kind: 'too_many', code: 'ACCOUNT_LOCKED' });
    await database.run("UPDATE admin_users SET locked_until = NOW(3) - INTERVAL 1 SECOND WHERE username = 'dan'");
    await expect(signIn('dan', 'wrong horse')).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    await expect(signIn('dan')).resolves.toBeDefined();
  });

  it('counts unknown names by address', async () => {
    const caller = callerOf();
    for (let guess = 0; guess < server.settings.auth.loginAttempts; guess += 1) {
      await expect(signIn(`nobody${guess}`, PASSWORD, caller)).rejects.toMatchObject({ kind: 'unauthorized' });
    }
    await expect(signIn('nobody', PASSWORD, caller)).rejects.toMatchObject({ kind: 'too_many' });
  });

  it('locks a name that nobody has as it locks one that somebody has, even all at once', async () => {
    await users.create({ username: 'dora', password: PASSWORD, role: 'admin' });
    const { loginAttempts } = server.settings.auth;
    const codesOf = async (names: string[]) => {
      const guesses = await Promise.allSettled(names.map((name) => signIn(name, 'wrong horse')));
      return guesses.map((guess) => ((guess as PromiseRejectedResult).reason as { code: string }).code).sort();
    };
    const ofKnown = await codesOf(Array.from({ length: loginAttempts + 3 }, (_, at) => (at % 2 ? 'dora' : 'Dora')));
    const ofUnknown = await codesOf(Array.from({ length: loginAttempts + 3 }, (_, at) => (at % 2 ? 'dory' : 'Dory')));
    expect(ofKnown.filter((code) => code === 'ACCOUNT_LOCKED')).toHaveLength(3);
    expect(ofUnknown).toEqual(ofKnown);
    const refusals = await Promise.all(['dora', 'dory'].map((name) => signIn(name).catch((error: Error) => error)));
    expect(refusals.map((error) => (error as Error).message)).toEqual(
      Array(2).fill(expect.stringContaining('account is locked')),
    );
  });

  it('counts the addresses of one IPv6 network together', async () => {
    for (let guess = 0; guess < server.settings.auth.loginAttempts; guess += 1) {
      const caller = { ipAddress: `2001:db8:1:2::${guess + 1}`, userAgent: 'test' };
      await expect(signIn(`stranger${guess}`, PASSWORD, caller)).rejects.toMatchObject({ kind: 'unauthorized' });
    }
    const again = (ipAddress: string) => signIn('stranger', PASSWORD, { ipAddress, userAgent: 'test' });
    await expect(again('2001:db8:1:2:ffff::1')).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    await expect(again('2001:db8:1:3::1')).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('is possible for admins with usable names, passwords and roles only', async () => {
    const make = (given: object) => users.create({ username: 'eve', password: PASSWORD, role: 'viewer', ...given });
    await expect(make({ password: 'short' })).rejects.toMatchObject({ errors: [{ field: 'password' }] });
    await expect(make({ role: 'root' })).rejects.toMatchObject({ errors: [{ field: 'role' }] });
    await expect(make({ email: 'nowhere' })).rejects.toMatchObject({ errors: [{ field: 'email' }] });
    await expect(make({})).resolves.toEqual({ username: 'eve', role: 'viewer' });
    await expect(make({})).rejects.toMatchObject({ kind: 'conflict', code: 'USERNAME_TAKEN' });
    expect(await users.createIfAbsent({ username: 'eve', password: PASSWORD, role: 'admin' })).toBeUndefined();
  });
});
