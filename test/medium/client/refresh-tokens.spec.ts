import { ClientAuthService } from '../../../src/client/index.js';
import { ClientSessionsService, type SessionTokens } from '../../../src/client/auth/client-sessions.service.js';
import { openClient, type OpenClient } from './open-client.js';

const DAY_MS = 86_400_000;

describe('refresh tokens', () => {
  let client: OpenClient;
  let auth: ClientAuthService;
  let sessions: ClientSessionsService;

  beforeAll(async () => {
    client = await openClient();
    auth = client.services.get(ClientAuthService);
    sessions = client.services.get(ClientSessionsService, { strict: false });
  });

  afterAll(() => client.close());

  const signIn = async (username?: string) => {
    const name = username ?? (await client.makeUser()).username;
    return auth.signIn({ username: name, password: 'correct horse' }, { ipAddress: '192.0.2.1', userAgent: null });
  };
  const enter = (token: string) => auth.authenticate(`Bearer ${token}`);

  it('give new tokens of the same sign-in, and the next refresh token', async () => {
    const first = await signIn();
    const second = await sessions.refresh(first.refresh_token);
    expect(second).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 43_200,
      refresh_token: expect.any(String),
    });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await enter(second.access_token)).sessionId).toBe((await enter(first.access_token)).sessionId);
  });

  it('are stored as hashes', async () => {
    const { refresh_token: token } = await signIn();
    const { refresh_token: next } = await sessions.refresh(token);
    const rows = await client.database.rows<{ token_hash: string }>('SELECT token_hash FROM refresh_tokens');
    for (const { token_hash: hash } of rows) {
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect([token, next]).not.toContain(hash);
    }
  });

  it('keep a user signed in beyond the access token and beyond the first 30 days', async () => {
    let tokens: SessionTokens = await signIn();
    for (let visit = 0; visit < 3; visit += 1) {
      client.clock.advance(20 * DAY_MS);
      await expect(enter(tokens.access_token)).rejects.toMatchObject({ kind: 'unauthorized' });
      tokens = await sessions.refresh(tokens.refresh_token);
      await expect(enter(tokens.access_token)).resolves.toBeDefined();
    }
    client.clock.advance(30 * DAY_MS);
    await expect(sessions.refresh(tokens.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  it('give one successor to tabs that refresh at once, and to one whose answer was lost', async () => {
    const { refresh_token: token } = await signIn();
    const tabs = await Promise.all(Array.from({ length: 8 }, () => sessions.refresh(token)));
    client.clock.advance(10_000);
    tabs.push(await sessions.refresh(token));
    expect(new Set(tabs.map((tab) => tab.refresh_token)).size).toBe(1);
    for (const tab of tabs) await expect(enter(tab.access_token)).resolves.toBeDefined();
    const sessionId = (await enter(tabs[0]!.access_token)).sessionId;
    const family = await client.database.rows('SELECT id FROM refresh_tokens WHERE session_id = ?', [sessionId]);
    expect(family).toHaveLength(2);
  });

  it('end the whole sign-in when one is used again later, and no other sign-in', async () => {
    const { username } = await client.makeUser();
    const [stolen, other] = [await signIn(username), await signIn(username)];
    const latest = await sessions.refresh(stolen.refresh_token);
    client.clock.advance(10_001);
    await expect(sessions.refresh(stolen.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_REUSED' });
    for (const token of [stolen.access_token, latest.access_token]) {
      await expect(enter(token)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    }
    for (const token of [stolen.refresh_token, latest.refresh_token]) {
      await expect(sessions.refresh(token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    }
    await expect(enter(other.access_token)).resolves.toBeDefined();
    await expect(sessions.refresh(other.refresh_token)).resolves.toBeDefined();
  });

  it('end with the sign-out and with the account', async () => {
    const { username } = await client.makeUser();
    const [one, other] = [await signIn(username), await signIn(username)];
    await auth.signOut(await enter(one.access_token));
    await expect(sessions.refresh(one.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    await client.database.run('UPDATE client_users SET is_active = 0 WHERE username = ?', [username]);
    await expect(sessions.refresh(other.refresh_token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  it('are told from access tokens and from nonsense', async () => {
    const tokens = await signIn();
    for (const wrong of [tokens.access_token, 'nonsense', '']) {
      await expect(sessions.refresh(wrong)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    }
    await expect(enter(tokens.refresh_token)).rejects.toMatchObject({ kind: 'unauthorized' });
  });
});
