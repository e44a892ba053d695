import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService } from '../../../src/admin/index.js';
import { SettingsOverlay } from '../../../src/admin/settings/settings-overlay.service.js';
import { SETTINGS, type Settings } from '../../../src/config/index.js';
import { type Database, databaseToken } from '../../../src/database/index.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { waitFor } from '../../support/wait-for.js';

const PASSWORD = 'correct horse';
const CONFIG = '/api/admin/config';

interface Setting {
  key: string;
  value: unknown;
  version: number;
}

describe('settings that change while the system runs', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let other: NestFastifyApplication;
  let admin: ApiClient;
  let operator: ApiClient;
  let database: Database;

  beforeAll(async () => {
    server = await startScratchServer();
    const overrides = { limits: { queuedPerUser: 400 } };
    const started = await startApi(server, overrides);
    app = started.app;
    other = (await startApi(server, overrides)).app;
    for (const role of ['admin', 'operator'] as const) {
      await app.get(AdminUsersService).create({ username: role, password: PASSWORD, role });
    }
    admin = await ApiClient.signInAsAdmin(started.url, 'admin', PASSWORD);
    operator = await ApiClient.signInAsAdmin(started.url, 'operator', PASSWORD);
    database = app.get<Database>(databaseToken('admin'), { strict: false });
  });

  afterAll(async () => {
    await app.close();
    await other.close();
    await server.stop();
  });

  const settingsOf = (process: NestFastifyApplication) => process.get<Settings>(SETTINGS);
  const get = (key: string) => admin.json<Setting>('GET', `${CONFIG}/${key}`);
  const put = (key: string, body: object) => admin.json<Setting>('PUT', `${CONFIG}/${key}`, body);

  it('are listed with value, default, source, type and range', async () => {
    const { settings, total } = await admin.json<{ settings: Setting[]; total: number }>('GET', CONFIG);
    expect(total).toBe(settings.length);
    expect(settings.find(({ key }) => key === 'limits.queued_per_user')).toMatchObject({
      value: 400,
      default: 400,
      source: 'file',
      type: 'int',
      effect: 'at once',
      schema: { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
      version: 0,
      updated_by: null,
    });
    expect(settings.find(({ key }) => key === 'limits.queue')).toMatchObject({ source: 'default', value: 100_000 });
  });

  it('count at once where they are changed, within seconds elsewhere, and go back to the default', async () => {
    expect(await put('limits.queued_per_user', { value: 3, expected_version: 0 })).toMatchObject({
      value: 3,
      default: 400,
      source: 'database',
      version: 1,
      updated_by: 'admin',
    });
    expect(settingsOf(app).limits.queuedPerUser).toBe(3);
    await waitFor(() => settingsOf(other).limits.queuedPerUser === 3);
    await admin.json('DELETE', `${CONFIG}/limits.queued_per_user`);
    expect(settingsOf(app).limits.queuedPerUser).toBe(400);
    expect(await get('limits.queued_per_user')).toMatchObject({ value: 400, source: 'file', version: 2 });
    await waitFor(() => settingsOf(other).limits.queuedPerUser === 400);
  });

  it('keep their history with values and names, the latest first', async () => {
    await put('auth.registration', { value: 'open' });
    await admin.json('DELETE', `${CONFIG}/auth.registration`);
    const history = await admin.json<object>('GET', `${CONFIG}/auth.registration/history?limit=10`);
    expect(history).toMatchObject({
      total: 2,
      changes: [
        { changed_by: 'admin', value_before: 'open', value_after: 'closed', is_reset: true, version: 2 },
        { changed_by: 'admin', value_before: 'closed', value_after: 'open', is_reset: false, version: 1 },
      ],
    });
    const rows = await database.rows("SELECT actor, ip_address FROM audit_logs WHERE target_id = 'auth.registration'");
    expect(rows).toEqual(Array(2).fill({ actor: 'admin', ip_address: '127.0.0.1' }));
  });

  it('lose no change to another that was made meanwhile', async () => {
    await put('limits.queue', { value: 10 });
    const both = await Promise.all(
      [11, 12].map((value) => admin.send('PUT', `${CONFIG}/limits.queue`, { value, expected_version: 1 })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const refused = (await both.find(({ status }) => status === 409)!.json()) as object;
    expect(refused).toMatchObject({ code: 'SETTING_CHANGED', message: expect.stringContaining('version 2') });
  });

  it('keep their version and history where nothing changes', async () => {
    const key = 'limits.running_per_user';
    const history = () => admin.json<{ total: number }>('GET', `${CONFIG}/${key}/history`);
    await admin.json('DELETE', `${CONFIG}/${key}`);
    expect(await get(key)).toMatchObject({ version: 0, updated_at: null });
    const { value, version } = await put(key, { value: 4 });
    expect(version).toBe(1);
    expect(await put(key, { value, expected_version: version })).toMatchObject({ value: 4, version: 1 });
    expect(await put(key, { value: 5, expected_version: version })).toMatchObject({ version: 2 });
    for (let time = 0; time < 2; time += 1) await admin.json('DELETE', `${CONFIG}/${key}`);
    expect(await get(key)).toMatchObject({ version: 3 });
    expect((await history()).total).toBe(3);
  });

  it.each([
    ['limits.queue', { value: 'many' }, 422],
    ['limits.queue', {}, 422],
    ['limits.queue', { value: -1 }, 422],
    ['limits.queue', { value: 5, expected_version: 'x' }, 422],
    ['secrets.signing_key', { value: 'x' }, 404],
    ['mysql.client.password', { value: 'x' }, 404],
    ['__proto__', { value: 'x' }, 404],
  ])('refuse for %s %j with %i', async (key, body, status) => {
    expect((await admin.send('PUT', `${CONFIG}/${key}`, body)).status).toBe(status);
  });

  it.each([
    ['retention.audit_days', 89, '90 to 36500'],
    ['retention.client_data_days', 0.5, '0 or a number from 1 to 36500'],
    ['retention.temporary_hours', 0.1, '1 to 876000'],
    ['nodes.lost_after_ms', 4_999, '5000 to'],
    ['dispatch.first_run_limit_seconds', 9, '10 to'],
    ['limits.requests_per_user', 99, '100 to'],
    ['limits.requests_per_address', 99, '100 to'],
    ['storage.keep_unreferenced_hours', 0, '1 to'],
  ])('refuse for %s the value %d with the range', async (key, value, range) => {
    const refused = await admin.send('PUT', `${CONFIG}/${key}`, { value });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining(range)]);
  });

  it('keep their default where a hand wrote a value out of range, so that no audit log is erased', async () => {
    await database.run("INSERT INTO system_configs (config_key, config_value) VALUES ('retention.audit_days', '1')");
    expect(await get('retention.audit_days')).toMatchObject({ value: 365, problem: expect.stringContaining('90 to') });
    await app.get(SettingsOverlay, { strict: false }).refresh();
    expect(settingsOf(app).retention.auditDays).toBe(365);
  });

  it('are for admins to change, and for operators to see', async () => {
    expect((await operator.send('GET', CONFIG)).status).toBe(200);
    expect((await operator.send('PUT', `${CONFIG}/limits.queue`, { value: 5 })).status).toBe(403);
    expect((await operator.send('DELETE', `${CONFIG}/limits.queue`)).status).toBe(403);
  });

  it('keep their default where a hand wrote nonsense into the database, and say so', async () => {
    await database.run(
      "INSERT INTO system_configs (config_key, config_value) VALUES ('limits.requests_per_user', 'lots')",
    );
    expect(await get('limits.requests_per_user')).toMatchObject({
      value: 6_000,
      source: 'default',
      problem: expect.stringContaining('lots'),
    });
    expect(settingsOf(app).limits.requestsPerUser).toBe(6_000);
  });

  it('show keys of older installations and keep them, but no value: some are secrets by names that do not tell', async () => {
    await database.run(
      "INSERT INTO system_configs (config_key, config_value) VALUES ('ui.theme', 'dark'), ('smtp', 'hunter2')",
    );
    expect(await get('ui.theme')).toMatchObject({ value: null, type: 'string', unknown: true, effect: null });
    expect(await (await operator.send('GET', CONFIG)).text()).not.toMatch(/hunter2|dark/);
    expect((await admin.send('PUT', `${CONFIG}/ui.theme`, { value: 'light' })).status).toBe(404);
    expect((await admin.send('DELETE', `${CONFIG}/ui.theme`)).status).toBe(404);
  });

  it('are laid over the file before a process serves anything', async () => {
    await put('limits.running_per_user', { value: 2 });
    const late = await startApi(server);
    expect(settingsOf(late.app).limits.runningPerUser).toBe(2);
    await late.app.close();
  });
});
