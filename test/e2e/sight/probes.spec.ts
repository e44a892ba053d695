import { rm } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import { Installation } from '../../support/installation.js';
import { waitFor } from '../../support/wait-for.js';

interface Report {
  status: string;
  details: Record<string, { status: string; message?: string }>;
  problems: string[];
  detail?: string;
}

describe('probes (real: the whole application)', () => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.start([], { server: { drainMs: 500 } });
  });

  afterEach(() => installation.stop());

  async function ask(probe: 'live' | 'ready'): Promise<{ status: number; report: Report }> {
    const answer = await fetch(`${installation.app.url}/api/health/${probe}`);
    return { status: answer.status, report: (await answer.json()) as Report };
  }

  const waitUntilReady = () => waitFor(async () => (await ask('ready')).status === 200, { what: 'readiness' });

  it('say that all is well', async () => {
    await waitUntilReady();
    const { report } = await ask('ready');
    expect(report.problems).toEqual([]);
    expect(Object.values(report.details).map(({ status }) => status)).toEqual(Array(7).fill('up'));
    expect(await ask('live')).toMatchObject({ status: 200, report: { status: 'ok', problems: [] } });
  });

  it('look at what jobs do, where there are jobs', async () => {
    await waitUntilReady();
    const without = Object.keys((await ask('ready')).report.details).length;
    await installation.stop();
    installation = await Installation.start([], { jobs: { enabled: true } });
    await waitUntilReady();
    const { report } = await ask('ready');
    expect(Object.keys(report.details)).toHaveLength(without);
    expect(report.problems).toEqual([]);
  });

  it('are alive but not ready while the databases are away, and say which', async () => {
    await waitUntilReady();
    await installation.server.suspend();
    await waitFor(async () => (await ask('ready')).status === 503, { what: 'the absence' });
    const { report } = await ask('ready');
    expect(report.details.database_shared).toMatchObject({ status: 'down' });
    const words = ['client', 'shared', 'admin', 'flames'].map((name) => `The database ${name} does not answer.`);
    expect(words).toEqual(expect.arrayContaining(report.problems.filter((each) => each.startsWith('The database'))));
    expect(report.detail).toContain('The database client does not answer.');
    expect(report.detail).not.toMatch(/ECONN|ENOENT|sock/);
    expect((await ask('live')).status).toBe(200);
    await installation.server.resume();
    await waitUntilReady();
  });

  it('name a migration that did not run', async () => {
    const { adminDsn, settings } = installation.server;
    const connection = await createConnection(adminDsn);
    const table = `\`${settings.mysql.admin.database}\`.schema_migrations`;
    const setStatus = (status: string) =>
      connection.query(`UPDATE ${table} SET status = ? WHERE version = '20261122_0009'`, [status]);
    await setStatus('failed');
    const { status, report } = await ask('ready');
    expect([status, report.problems]).toEqual([
      503,
      ['The database admin lacks migrations 20261122_0009: run db:migrate.'],
    ]);
    await setStatus('done');
    await connection.end();
    await waitUntilReady();
  });

  it('miss the storage folder', async () => {
    await waitUntilReady();
    await rm(installation.server.settings.storage.directory, { recursive: true });
    await waitFor(async () => (await ask('ready')).status === 503, { what: 'the absence' });
    const { status, report } = await ask('ready');
    expect([status, report.details.storage?.message]).toEqual([503, 'The storage folder cannot be looked at.']);
  });

  it('say no before a stopping process stops anything', async () => {
    await waitUntilReady();
    const stopped = installation.app.close();
    const { status, report } = await ask('ready');
    expect([status, report.problems]).toEqual([503, ['The process is being stopped.']]);
    expect((await ask('live')).status).toBe(200);
    await stopped;
    await installation.startApp();
  });
});
