import { execFile } from 'node:child_process';
import { DATABASE_USERS, type Settings } from '../../../src/config/index.js';
import { DATABASE_NAMES } from '../../../src/database/index.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

describe('the db commands', () => {
  let server: ScratchServer;

  beforeAll(async () => {
    server = await startScratchServer();
  });
  afterAll(() => server.stop());

  const run = (commandLine: string[], settings = server.settings) => runCommand(commandLine, settings);

  it('shows help for the program and for a command', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    for (const name of [
      'init',
      'migrate',
      'migration-status',
      'status',
      'create-migration',
      'list-migrations',
      'repair',
    ])
      expect(help.stdout).toContain(`db:${name} [options]`);
    const ofCommand = await run(['db:migrate', '--help']);
    expect(ofCommand).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('--database <name>') });
  });

  it('answers an unknown command, an unknown database and a missing DSN with one line and a non-zero exit', async () => {
    expect(await run(['db:nonsense'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('db:nonsense') });
    expect(await run(['db:migrate', '--database', 'x'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: '--database holds "x"; it may hold client, admin, shared, flames.\n',
    });
    expect(await run(['db:init'])).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^DB_ADMIN_DSN holds/) });
  });

  it('initialises again without harm', async () => {
    const again = await run(['db:init', '--admin-dsn', server.adminDsn]);

    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    expect(again.stdout).toContain('redteam-dra: migrations run: 0');
  });

  it('shows tables, rows and sizes of databases that are well', async () => {
    const status = await run(['db:status']);

    expect(status).toMatchObject({ exitCode: 0, stderr: '' });
    for (const text of ['comfyui_client as comfyui_client_user: connected', 'global_tasks', 'task_flames_logs', 'KiB'])
      expect(status.stdout).toContain(text);
  });

  it('ends with 1 where a database cannot be reached, naming it and the cure', async () => {
    const lost = server.settingsWith({ mysql: { admin: { socketPath: '/nonexistent.sock' } } });
    const status = await run(['db:status'], lost);

    expect(status).toMatchObject({ exitCode: 1, stderr: 'Problems found: 1.\n' });
    expect(status.stdout).toContain('PROBLEM Cannot reach database comfyui_admin');
  });

  it('shows a failed migration as wrong, lets it be repaired, and finishes it', async () => {
    const connection = await openMigrationConnection('shared', server.settings);
    const version = '20261122_0004';
    await connection.query(`UPDATE schema_migrations SET status = 'failed', error = 'disk full' WHERE version = ?`, [
      version,
    ]);
    await connection.end();

    for (const command of ['db:status', 'db:migration-status', 'db:migrate']) {
      const outcome = await run([command, '--database', 'shared']);
      expect(outcome.exitCode).toBe(1);
      expect(outcome.stdout + outcome.stderr).toContain('disk full');
    }
    expect(await run(['db:repair', '--database', 'shared'])).toMatchObject({ exitCode: 0 });
    expect(await run(['db:migrate', '--database', 'shared'])).toMatchObject({ exitCode: 0 });
    expect(await run(['db:status'])).toMatchObject({ exitCode: 0 });
  });

  it('finds no drift, and ends with 1 where there is one', async () => {
    expect(await run(['db:drift'])).toMatchObject({ exitCode: 0 });
    const connection = await openMigrationConnection('flames', server.settings);
    await connection.query('ALTER TABLE flames_datasets DROP COLUMN revision');
    await connection.end();

    expect(await run(['db:drift'])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('`revision`') });
  });

  it('lists the migrations of this release without a server', async () => {
    const lost = server.settingsWith({ mysql: { client: { socketPath: '/nonexistent.sock' } } });

    expect(await run(['db:list-migrations', '--database', 'client'], lost)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('20261122_0001  users-and-sessions'),
    });
  });
});

/** In a process of its own, from the build: jest cannot load nest-commander, which is CommonJS over an ESM Nest. */
function runCommand(commandLine: string[], { mysql, dataDir, secrets }: Settings): Promise<Outcome> {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    CONFIG_FILE: '',
    DATA_DIR: dataDir,
    SECRETS_SIGNING_KEY: secrets.signingKey,
    SECRETS_ENCRYPTION_KEY: secrets.encryptionKey,
  };
  for (const user of DATABASE_USERS) env[`MYSQL_${user.toUpperCase()}_PASSWORD`] = mysql[user].password;
  for (const name of DATABASE_NAMES) env[`MYSQL_${name.toUpperCase()}_SOCKET_PATH`] = mysql[name].socketPath;
  return new Promise((resolve) => {
    execFile(process.execPath, ['dist/src/cli.js', ...commandLine], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
