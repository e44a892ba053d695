import { ApiKeysService } from '../../../src/client/api-keys/api-keys.service.js';
import { ClientAuthService } from '../../../src/client/index.js';
import { waitFor } from '../../support/wait-for.js';
import { openClient, type OpenClient } from './open-client.js';

describe('API keys', () => {
  let client: OpenClient;
  let keys: ApiKeysService;
  let auth: ClientAuthService;

  beforeAll(async () => {
    client = await openClient();
    keys = client.services.get(ApiKeysService, { strict: false });
    auth = client.services.get(ClientAuthService);
  });

  afterAll(() => client.close());

  const make = (clientId: string, expiresInDays?: number) =>
    keys.create(clientId, { name: 'batch', scopes: ['tasks:read', 'tasks:read'], expires_in_days: expiresInDays });
  const lastUsedAt = async (clientId: string) => (await keys.list(clientId)).api_keys[0]!.last_used_at;

  it('are shown once, stored as a hash, and name their user either way they are sent', async () => {
    const { clientId, username } = await client.makeUser();
    const { api_key: apiKey, ...made } = await make(clientId);
    expect(apiKey).toMatch(/^cws_[\w-]{43}$/);
    expect(made).toMatchObject({ name: 'batch', prefix: apiKey.slice(0, 12), scopes: ['tasks:read'] });
    expect(await keys.list(clientId)).toEqual({ api_keys: [made], total: 1 });
    const stored = await client.database.rows('SELECT * FROM api_keys WHERE client_id = ?', [clientId]);
    expect(JSON.stringify(stored)).not.toContain(apiKey.slice(12));
    const expected = { clientId, username, scopes: ['tasks:read'] };
    expect(await auth.authenticate(`Bearer ${apiKey}`)).toMatchObject(expected);
    expect(await auth.authenticate(undefined, apiKey)).toMatchObject(expected);
  });

  it('end when they are revoked, with the tokens that were got by them, and only by their owner', async () => {
    const [owner, stranger] = [await client.makeUser(), await client.makeUser()];
    const { api_key: apiKey, key_id: keyId } = await make(owner.clientId);
    const { access_token: token } = await keys.exchange(owner.clientId, apiKey);
    await expect(keys.revoke(stranger.clientId, keyId)).rejects.toMatchObject({ code: 'API_KEY_NOT_FOUND' });
    await expect(auth.authenticate(`Bearer ${token}`)).resolves.toMatchObject({ scopes: ['tasks:read'] });
    await keys.revoke(owner.clientId, keyId);
    await expect(keys.revoke(owner.clientId, keyId)).rejects.toMatchObject({ kind: 'not_found' });
    for (const credential of [apiKey, token]) {
      await expect(auth.authenticate(`Bearer ${credential}`)).rejects.toMatchObject({ code: 'INVALID_API_KEY' });
    }
    await expect(keys.exchange(owner.clientId, apiKey)).rejects.toMatchObject({ code: 'INVALID_CLIENT' });
    expect(await keys.list(owner.clientId)).toEqual({ api_keys: [], total: 0 });
  });

  it('end at their time and with the account', async () => {
    const { clientId } = await client.makeUser();
    const [short, long] = [await make(clientId, 1), await make(clientId)];
    client.clock.advance(86_400_000);
    await expect(auth.authenticate(`Bearer ${short.api_key}`)).rejects.toMatchObject({ code: 'INVALID_API_KEY' });
    await expect(auth.authenticate(`Bearer ${long.api_key}`)).resolves.toBeDefined();
    await client.database.run('UPDATE client_users SET is_active = 0 WHERE client_id = ?', [clientId]);
    await expect(auth.authenticate(`Bearer ${long.api_key}`)).rejects.toMatchObject({ code: 'INVALID_API_KEY' });
  });

  it("are exchanged for a token of an hour, under their owner's client id alone", async () => {
    const [owner, stranger] = [await client.makeUser(), await client.makeUser()];
    const { api_key: apiKey } = await make(owner.clientId);
    await expect(keys.exchange(stranger.clientId, apiKey)).rejects.toMatchObject({ code: 'INVALID_CLIENT' });
    const { access_token: token, ...rest } = await keys.exchange(owner.clientId, apiKey);
    expect(rest).toEqual({ token_type: 'bearer', expires_in: 3_600, scope: 'tasks:read' });
    client.clock.advance(3_600_000);
    await expect(auth.authenticate(`Bearer ${token}`)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('tell when they were used last, written at most once a minute', async () => {
    const { clientId } = await client.makeUser();
    const { api_key: apiKey } = await make(clientId);
    expect(await lastUsedAt(clientId)).toBeNull();
    const firstUse = client.clock.now().toISOString();
    await auth.authenticate(`Bearer ${apiKey}`);
    await waitFor(async () => (await lastUsedAt(clientId)) === firstUse || undefined, { what: 'the first use' });
    client.clock.advance(59_000);
    await auth.authenticate(`Bearer ${apiKey}`);
    client.clock.advance(1_000);
    const secondUse = client.clock.now().toISOString();
    await auth.authenticate(`Bearer ${apiKey}`);
    await waitFor(async () => (await lastUsedAt(clientId)) === secondUse || undefined, { what: 'the second use' });
  });

  it('are at most 50 a user', async () => {
    const { clientId } = await client.makeUser();
    for (let made = 0; made < 50; made += 1) await make(clientId);
    await expect(make(clientId)).rejects.toMatchObject({ code: 'TOO_MANY_API_KEYS' });
  });
});
