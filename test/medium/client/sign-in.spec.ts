import { jest } from '@jest/globals';
import { ClientSessionsService } from '../../../src/client/auth/client-sessions.service.js';
import { ClientAuthService, ClientUsersService, OverseenAccountsService } from '../../../src/client/index.js';
import { openClient, type OpenClient } from './open-client.js';

const PASSWORD = 'correct horse';

describe('signing in to the client page', () => {
  let client: OpenClient;
  let auth: ClientAuthService;
  let addresses = 0;

  beforeAll(async () => {
    client = await openClient();
    auth = client.services.get(ClientAuthService);
  });

  afterAll(() => client.close());

  // An address of its own for each test: failures count by address too.
  const callerOf = () => ({ ipAddress: `10.0.0.${(addresses += 1)}`, userAgent: 'test' });
  const signIn = (username: string, password = PASSWORD, caller = callerOf()) =>
    auth.signIn({ username, password }, caller);
  const tokenOf = async (username: string) => (await signIn(username)).access_token;
  const enter = (token: string) => auth.authenticate(`Bearer ${token}`);

  it('answers as the page reads it, and knows the user by the token', async () => {
    const { clientId, username } = await client.makeUser(7);
    const answer = await signIn(username);
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 43_200,
      refresh_token: expect.any(String),
      user_info: { username, nickname: username, client_id: clientId, quota_limit: 7, quota_used: 0 },
    });
    expect(await enter(answer.access_token)).toMatchObject({ clientId, username, timeZone: 'UTC' });
  });

  it('keeps no password', async () => {
    const { username } = await client.makeUser();
    const [row] = await client.database.rows<{ hash: string }>(
      'SELECT password_hash AS hash FROM client_users WHERE username = ?',
      [username],
    );
    expect(row?.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('says the same to a wrong password, an unknown name and a disabled user', async () => {
    const { username } = await client.makeUser();
    const disabled = (await client.makeUser()).username;
    await client.database.run('UPDATE client_users SET is_active = 0 WHERE username = ?', [disabled]);
    const refusals = await Promise.allSettled([
      signIn(username, 'wrong horse'),
      signIn('nobody', PASSWORD),
      signIn(disabled, PASSWORD),
    ]);
    const reasons = refusals.map((refusal) => (refusal as PromiseRejectedResult).reason as Error);
    for (const reason of reasons) expect(reason).toMatchObject({ kind: 'unauthorized', code: 'WRONG_CREDENTIALS' });
    expect(new Set(reasons.map(({ message }) => message)).size).toBe(1);
  });

  it('ends with the sign-out, for that session alone', async () => {
    const { username } = await client.makeUser();
    const [one, other] = [await tokenOf(username), await tokenOf(username)];
    await auth.signOut(await enter(one));
    await expect(enter(one)).rejects.toMatchObject({ kind: 'unauthorized', code: 'SESSION_ENDED' });
    await expect(enter(other)).resolves.toMatchObject({ username });
  });

  it('ends for a user who is disabled, and after its time', async () => {
    const { username } = await client.makeUser();
    const token = await tokenOf(username);
    await client.database.run('UPDATE client_users SET is_active = 0 WHERE username = ?', [username]);
    await expect(enter(token)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    await client.database.run('UPDATE client_users SET is_active = 1 WHERE username = ?', [username]);
    await expect(enter(token)).resolves.toBeDefined();
    client.clock.advance(client.settings.auth.accessTokenHours * 3_600_000);
    await expect(enter(token)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('shows the profile with the quota of today', async () => {
    const { username } = await client.makeUser(7);
    await client.database.run(
      "UPDATE client_users SET quota_used = 5, quota_reset_date = '2020-01-01' WHERE username = ?",
      [username],
    );
    const profile = await auth.getProfile(await enter(await tokenOf(username)));
    expect(profile).toMatchObject({
      is_active: true,
      last_access_at: client.clock.now().toISOString(),
      quota: {
        quota_limit: 7,
        quota_used: 0,
        quota_remaining: 7,
        quota_reset_date: client.clock.now().toISOString().slice(0, 10),
      },
    });
  });

  it('stops guessing at one name, even all at once from many addresses', async () => {
    const { username } = await client.makeUser();
    const { loginAttempts, lockMinutes } = client.settings.auth;
    const guesses = await Promise.allSettled(
      Array.from({ length: 70 }, () => signIn(username.toUpperCase(), 'wrong horse')),
    );
    const codes = guesses.map((guess) => ((guess as PromiseRejectedResult).reason as { code: string }).code);
    // A burst is bounded by what may be under way at once; after it the name is locked.
    expect(codes.filter((code) => code === 'WRONG_CREDENTIALS').length).toBeLessThanOrEqual(50 + loginAttempts);
    expect(codes).toContain('TOO_MANY_ATTEMPTS');
    await expect(signIn(username)).rejects.toMatchObject({ kind: 'too_many', retryAfterSeconds: lockMinutes * 60 });
    client.clock.advance(lockMinutes * 60_000);
    await expect(signIn(username)).resolves.toBeDefined();
  });

  it('locks one name for all its spellings, and knows no name that holds what names cannot', async () => {
    const { username } = await client.makeUser();
    const accented = username.replace(/[a-z]/, (letter) => `${letter}\u0301`);
    const wide = username.replace(/[a-z]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
    const spellings = [username, username.toUpperCase(), accented, wide];
    for (let guess = 0; guess < client.settings.auth.loginAttempts; guess += 1) {
      const spelling = spellings[guess % spellings.length]!;
      await expect(signIn(spelling, 'wrong horse')).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    }
    await expect(signIn(username)).rejects.toMatchObject({ kind: 'too_many' });
    client.clock.advance(client.settings.auth.lockMinutes * 60_000);
    await expect(signIn(`${username}\u0001`)).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    await expect(signIn(username)).resolves.toBeDefined();
  });

  it('stops guessing from one address, whatever the names, and own sign-ins do not hide it', async () => {
    const { username } = await client.makeUser();
    const caller = callerOf();
    for (let guess = 0; guess < 10 * client.settings.auth.loginAttempts; guess += 1) {
      await expect(signIn(`name${guess}`, 'wrong horse', caller)).rejects.toMatchObject({ kind: 'unauthorized' });
      if (guess === 5) await signIn(username, PASSWORD, caller);
    }
    await expect(signIn(username, PASSWORD, caller)).rejects.toMatchObject({ kind: 'too_many' });
    await expect(signIn(username)).resolves.toBeDefined();
  });

  it('ends in nothing where the password is replaced after it was compared', async () => {
    const { clientId, username } = await client.makeUser();
    const sessions = client.services.get(ClientSessionsService, { strict: false });
    const open = sessions.open.bind(sessions);
    jest.spyOn(sessions, 'open').mockImplementationOnce(async (...given) => {
      await client.services.get(OverseenAccountsService).setPassword(clientId, 'another horse');
      return open(...given);
    });
    await expect(signIn(username)).rejects.toMatchObject({ kind: 'unauthorized' });
    const held = await client.database.rows('SELECT 1 FROM client_sessions WHERE client_id = ?', [clientId]);
    expect(held).toEqual([]);
    await expect(signIn(username, 'another horse')).resolves.toBeDefined();
  });

  it('is possible for users with usable names and passwords only', async () => {
    const users = client.services.get(ClientUsersService);
    const { username } = await client.makeUser();
    const make = (given: { username?: string; password?: string }) =>
      users.create({ username: 'somebody', password: PASSWORD, ...given });
    await expect(make({ password: 'short' })).rejects.toMatchObject({ errors: [{ field: 'password' }] });
    await expect(make({ username: 'a b' })).rejects.toMatchObject({ errors: [{ field: 'username' }] });
    await expect(make({ username: username.toUpperCase() })).rejects.toMatchObject({ code: 'USERNAME_TAKEN' });
    expect(await users.createIfAbsent({ username, password: 'another one' })).toBeUndefined();
    await expect(signIn(username)).resolves.toBeDefined();
  });
});
