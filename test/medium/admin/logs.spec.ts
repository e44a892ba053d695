import { jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdminUsersService, NodesService, SystemLogsRepository } from '../../../src/admin/index.js';
import { SystemLogWriter } from '../../../src/admin/logs/system-log-writer.service.js';
import { LOGGER, withinRequest, type Logger } from '../../../src/common/index.js';
import { databaseToken, LeaseKeeper, type Database } from '../../../src/database/index.js';
import { Scheduler } from '../../../src/dispatch/scheduling/scheduler.js';
import { ApiClient } from '../../support/api-client.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';
import { startApi } from '../../support/start-api.js';
import { waitFor } from '../../support/wait-for.js';

const PASSWORD = 'correct horse battery';

interface Row {
  level: string;
  module: string | null;
  message: string;
  task_id: string | null;
  node_id: string | null;
  admin_user_id: string | null;
  ip_address: string | null;
  details: Record<string, unknown> | null;
  created_at: string;
}

interface Page {
  logs: Row[];
  next_cursor: string | null;
}

interface Statistics {
  system: {
    lines: number;
    errors: number;
    by_level: { time: string; level: string; lines: number }[];
    errors_by_module: { module: string; lines: number }[];
  };
  access: { requests: number; error_rate: number; routes: Record<string, unknown>[] };
}

describe('logs (real: the databases, every route)', () => {
  let server: ScratchServer;
  let app: NestFastifyApplication;
  let api: ApiClient;
  let logger: Logger;
  let admin: Database;
  let client: Database;

  beforeAll(async () => {
    server = await startScratchServer({ overrides: { log: { databaseLevel: 'info' } } });
    let url: string;
    ({ app, url } = await startApi(server, { log: { databaseLevel: 'info' } }));
    await app.get(AdminUsersService).createIfAbsent({ username: 'root', password: PASSWORD, role: 'operator' });
    await app
      .get(NodesService)
      .register({ nodeId: 'gpu-1', name: 'g', url: 'http://192.0.2.9:8188', maxConcurrent: 1 });
    api = await ApiClient.signInAsAdmin(url, 'root', PASSWORD);
    logger = await app.resolve<Logger>(LOGGER);
    admin = app.get<Database>(databaseToken('admin'), { strict: false });
    client = app.get<Database>(databaseToken('client'), { strict: false });
  });

  beforeEach(async () => {
    await admin.run('DELETE FROM system_logs');
    await client.run('DELETE FROM client_access_logs');
  });

  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const system = (query = '') => api.json<Page>('GET', `/api/admin/logs/system${query}`);
  const access = (query = '') => api.json<Page>('GET', `/api/admin/logs/access${query}`);
  const written = (count: number) =>
    waitFor(
      async () => {
        const { logs } = await system('?limit=100');
        return logs.length >= count ? logs : undefined;
      },
      { timeoutMs: 15_000, what: `${count} rows` },
    );

  async function store(lines: { level: string; createdAt: Date; module?: string; message?: string }[]): Promise<void> {
    await admin.run('INSERT INTO system_logs (level, created_at, module, message, expire_on) VALUES ?', [
      lines.map(({ level, createdAt, module = 'm', message = 'x' }) => [
        level,
        createdAt,
        module,
        message,
        '2999-01-01',
      ]),
    ]);
  }

  it('keeps lines as rows, with task, node, and who asked from where', async () => {
    const request = {
      requestId: 'r1',
      ipAddress: '192.0.2.1',
      userAgent: 'curl',
      admin: { adminUserId: '1', username: 'root' },
    };
    withinRequest(request, () =>
      logger
        .child({ component: 'Relays' })
        .warn({ taskId: 't1', nodeId: 'gpu-1', token: 'hush' }, 'something happened'),
    );
    logger.debug('too little');
    const [row] = await written(1);
    expect(row).toMatchObject({
      ...{ level: 'WARNING', module: 'Relays', message: 'something happened', task_id: 't1', node_id: 'gpu-1' },
      ...{ admin_user_id: '1', ip_address: '192.0.2.1', details: { requestId: 'r1' } },
    });
    expect(JSON.stringify(row)).not.toContain('hush');
    const [stored] = await admin.rows<{ days: number }>(
      'SELECT DATEDIFF(expire_on, created_at) AS days FROM system_logs',
    );
    expect(stored).toEqual({ days: 60 });
  });

  it('names the class that spoke, and finds its lines by it', async () => {
    const leases = app.get(LeaseKeeper, { strict: false });
    const trouble = jest.spyOn(leases, 'tryAcquire').mockRejectedValueOnce(new Error('no lease today'));
    const scheduler = app.get(Scheduler, { strict: false });
    scheduler.start();
    const failed = await waitFor(
      async () => (await system('?module=Scheduler')).logs.find(({ level }) => level === 'ERROR'),
      { timeoutMs: 15_000, what: 'the line of the scheduler' },
    );
    await scheduler.stop();
    trouble.mockRestore();
    expect(failed).toMatchObject({ module: 'Scheduler', details: { loop: 'scheduler' } });
    expect((await system('?module=Fleet')).logs).toEqual([]);
    const { system: counts } = await api.json<Statistics>('GET', '/api/admin/logs/statistics');
    expect(counts.errors_by_module).toContainEqual({ module: 'Scheduler', lines: 1 });
  });

  it('is not stopped by halves of characters, NUL, depth or length', async () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 60; depth += 1) deep = [deep];
    logger.error(
      { half: '\ud83d', nul: 'a\u0000b', deep, taskId: 'x'.repeat(99), [`${'k'.repeat(300)}`]: 1 },
      'odd \udc00\u0000',
    );
    logger.error({ long: 'y'.repeat(500_000) }, 'long');
    logger.info('after');
    const logs = await written(3);
    expect(logs.map(({ message }) => message.slice(0, 5))).toEqual(expect.arrayContaining(['after', 'odd �']));
  });

  it('outlives its database: lines wait, the program goes on, and no line is about the log itself', async () => {
    const inserts = jest.spyOn(app.get(SystemLogsRepository, { strict: false }), 'insert');
    await server.suspend();
    for (let index = 0; index < 20; index += 1) logger.info({ index }, 'meanwhile');
    await waitFor(() => inserts.mock.results.length > 0, { timeoutMs: 10_000, what: 'a write that fails' });
    await server.resume();
    const logs = await waitFor(async () => written(20).catch(() => undefined), { timeoutMs: 30_000, what: 'the rows' });
    expect(logs.filter(({ message }) => message === 'meanwhile')).toHaveLength(20);
    expect(logs.filter(({ details }) => details?.buffer === 'system-log')).toEqual([]);
  });

  it('drops and goes on where more lines wait than it holds', async () => {
    await server.suspend();
    expect(() => {
      for (let index = 0; index < 12_000; index += 1) logger.info('flood');
    }).not.toThrow();
    await server.resume();
    await waitFor(
      async () => {
        const rows = await admin.rows<{ n: string }>('SELECT COUNT(*) AS n FROM system_logs').catch(() => []);
        return Number(rows[0]?.n ?? 0) >= 10_000;
      },
      { timeoutMs: 30_000, what: 'what was held' },
    );
    const [{ n }] = (await admin.rows<{ n: string }>('SELECT COUNT(*) AS n FROM system_logs')) as [{ n: string }];
    expect(Number(n)).toBeLessThan(12_000);
  });

  it('pages from the newest to the oldest, rows of one moment too, without gaps or doubles', async () => {
    const moment = new Date('2026-11-20T10:00:00.000Z');
    await store(
      Array.from({ length: 45 }, (_, index) => ({
        level: 'INFO',
        createdAt: new Date(moment.getTime() + Math.floor(index / 15)),
        message: `m${index}`,
      })),
    );
    const seen: string[] = [];
    for (let query = '?limit=20'; query;) {
      const { logs, next_cursor: next } = await system(query);
      seen.push(...logs.map(({ message }) => message));
      query = next ? `?limit=20&cursor=${next}` : '';
    }
    expect(seen).toEqual(Array.from({ length: 45 }, (_, index) => `m${44 - index}`));
  });

  it('filters by levels, module, node, text and time, and finds what was said of a task', async () => {
    const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour));
    await store([
      { level: 'INFO', createdAt: at(1), module: 'a', message: '100% done' },
      { level: 'ERROR', createdAt: at(2), module: 'b', message: '100 done' },
      { level: 'CRITICAL', createdAt: at(3), module: 'b' },
    ]);
    await admin.run("UPDATE system_logs SET task_id = 't9', node_id = (SELECT id FROM nodes) WHERE level = 'ERROR'");
    const levels = async (query: string) => (await system(query)).logs.map(({ level }) => level);
    expect(await levels('?level=ERROR,CRITICAL')).toEqual(['CRITICAL', 'ERROR']);
    expect(await levels('?module=a')).toEqual(['INFO']);
    expect(await levels('?node_id=gpu-1')).toEqual(['ERROR']);
    expect(await levels(`?q=${encodeURIComponent('100%')}`)).toEqual(['INFO']);
    expect(await levels('?from=2026-11-20T02:00:00Z&to=2026-11-20T03:00:00Z')).toEqual(['ERROR']);
    expect((await api.json<Page>('GET', '/api/admin/logs/tasks/t9')).logs).toHaveLength(1);
    expect((await api.send('GET', '/api/admin/logs/tasks/none')).status).toBe(404);
    expect(await api.json<Page>('GET', `/api/admin/logs/tasks/${crypto.randomUUID()}`)).toMatchObject({ logs: [] });
  });

  it('shows nothing that has expired', async () => {
    await admin.run(
      "INSERT INTO system_logs (level, message, expire_on) VALUES ('INFO', 'old', UTC_DATE() - INTERVAL 1 DAY)",
    );
    expect((await system()).logs).toEqual([]);
  });

  it.each([
    ['system?level=LOUD', 'level'],
    ['system?cursor=nonsense', 'cursor'],
    ['system?limit=101', 'limit'],
    ['access?min_status=9', 'min_status'],
    ['system?from=2026-11-20T02:00:00Z&to=2026-11-20T01:00:00Z', 'from'],
    ['statistics?from=2026-01-01T00:00:00Z&to=2026-11-20T01:00:00Z', 'from'],
    ['statistics?by=minute', 'by'],
  ])('refuses %s and says which field', async (path, field) => {
    const answer = await api.send('GET', `/api/admin/logs/${path}`);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [expect.objectContaining({ field })] });
  });

  it('reads the log of requests by user, route and status', async () => {
    await request({ action: 'GET /a', statusCode: 200, clientId: 'c1' });
    await request({ action: 'GET /b', statusCode: 503 });
    expect((await access()).logs).toHaveLength(2);
    expect((await access('?min_status=500')).logs).toEqual([
      expect.objectContaining({ action: 'GET /b', status_code: 503 }),
    ]);
    expect((await access('?client_id=c1')).logs).toEqual([expect.objectContaining({ action: 'GET /a' })]);
    expect((await access(`?action=${encodeURIComponent('GET /b')}`)).logs).toHaveLength(1);
  });

  it('counts lines and requests as plain SQL and arithmetic do', async () => {
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await store(
      [...Array(7).keys()].map((index) => ({
        level: index < 3 ? 'ERROR' : 'INFO',
        createdAt: at(index + 1),
        module: `m${index % 2}`,
      })),
    );
    for (let index = 1; index <= 100; index += 1) {
      await request({ action: 'GET /a', statusCode: index <= 4 ? 500 : 200, durationMs: index });
    }
    const { system: lines, access: requests } = await api.json<Statistics>('GET', '/api/admin/logs/statistics?by=day');
    expect(lines).toMatchObject({
      ...{ lines: 7, errors: 3 },
      top_modules: [
        { module: 'm0', lines: 4 },
        { module: 'm1', lines: 3 },
      ],
      errors_by_module: [
        { module: 'm0', lines: 2 },
        { module: 'm1', lines: 1 },
      ],
    });
    expect(lines.by_level.reduce((total, count) => total + count.lines, 0)).toBe(7);
    expect(requests).toMatchObject({ requests: 100, error_rate: 0.04 });
    expect(requests.routes).toEqual([
      { action: 'GET /a', requests: 100, failed: 4, refused: 0, error_rate: 0.04, p50_ms: 50, p95_ms: 95 },
    ]);
  });

  it('writes what waits before it stops', async () => {
    logger.warn('last words');
    await app.get(SystemLogWriter, { strict: false }).onApplicationShutdown();
    expect(await admin.rows('SELECT message FROM system_logs')).toEqual([{ message: 'last words' }]);
  });

  async function request(entry: { action: string; statusCode: number; clientId?: string; durationMs?: number }) {
    const { action, statusCode, clientId = null, durationMs = 1 } = entry;
    await client.run(
      `INSERT INTO client_access_logs (action, status_code, client_id, response_time, created_at)
       VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE)`,
      [action, statusCode, clientId, durationMs],
    );
  }
});
