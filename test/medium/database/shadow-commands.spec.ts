import { createConnection, type Connection } from 'mysql2/promise';
import { ADMIN_MIGRATIONS } from '../../../src/admin/migrations/admin-migrations.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { runCommand } from '../../support/run-command.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

describe('the commands that use a shadow', () => {
  let server: ScratchServer;
  let client: Connection;

  beforeAll(async () => {
    server = await startScratchServer();
    client = await openMigrationConnection('client', server.settings);
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  const run = (...commandLine: string[]) => runCommand(commandLine, server.settings);

  it('db:drift says of every database that it is as migrations and entities have it', async () => {
    const outcome = await run('db:drift', '--shadow', server.adminDsn);

    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    for (const database of ['comfyui_client', 'comfyui_admin', 'comfyui_shared', 'redteam-dra'])
      for (const answer of ['as the migrations make it', 'as the entities say'])
        expect(outcome.stdout).toContain(`${database}: ${answer}\n`);
  });

  it('db:drift without an administrator compares the entities alone, and says so and how to have the rest', async () => {
    const outcome = await run('db:drift');

    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain('comfyui_client: as the entities say');
    expect(outcome.stdout).toMatch(/comparison with the migrations was skipped: DB_ADMIN_DSN .* --shadow/);
  });

  it('db:drift ends with 1 where a difference is one that entities cannot see, and names it', async () => {
    await client.query('CREATE TABLE tasks_backup (id int PRIMARY KEY)');
    const seen = await run('db:drift', '--database', 'client', '--shadow', server.adminDsn);
    const unseen = await run('db:drift', '--database', 'client');
    await client.query('DROP TABLE tasks_backup');

    expect(seen).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^Differences found: 1\./) });
    expect(seen.stdout).toContain('  comfyui_client.tasks_backup: unknown to the migrations\n');
    expect(unseen).toMatchObject({ exitCode: 0 });
  });

  it('db:drift ends with 1 and the cure where the administrator cannot be reached', async () => {
    expect(await run('db:drift', '--shadow', 'mysql://root@localhost/?socketPath=/nonexistent.sock')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('Cannot reach the database server named by DB_ADMIN_DSN'),
    });
  });

  it('db:migrate --plan prints what is pending, tries it where it can, and runs nothing', async () => {
    // The newest of its database: an older one that is missing would be refused as out of order.
    const newest = ADMIN_MIGRATIONS.at(-1)!;
    const admin = await openMigrationConnection('admin', server.settings);
    for (const { down } of newest.steps().reverse()) await admin.query(down as string);
    await admin.query('DELETE FROM schema_migrations WHERE version = ?', [newest.version]);
    await admin.end();

    const tried = await run('db:migrate', '--plan', '--shadow', server.adminDsn);
    const printed = await run('db:migrate', '--plan', '--database', 'admin');

    for (const { exitCode, stdout } of [tried, printed]) {
      expect(exitCode).toBe(0);
      expect(stdout).toContain(newest.name);
    }
    expect(tried.stdout).toContain('comfyui_admin: all of them ran on a shadow of it');
    expect(tried.stdout).toContain('comfyui_client: nothing is pending');
    expect(printed.stdout).toMatch(/Nothing was tried: DB_ADMIN_DSN/);
    expect(await run('db:migrate', '--database', 'admin')).toMatchObject({ exitCode: 0 });
    expect(await run('db:drift', '--shadow', server.adminDsn)).toMatchObject({ exitCode: 0 });
  });

  it('db:migrate --plan ends with 1 where a statement fails on the shadow, and names it', async () => {
    const shadows = '`shadow\\_%`.*';
    await asAdmin(`CREATE USER lender@'%' IDENTIFIED BY 'lends'`);
    await asAdmin(`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, REFERENCES ON ${shadows} TO lender@'%'`);
    const flames = await openMigrationConnection('flames', server.settings);
    await flames.query('DELETE FROM schema_migrations');
    await flames.end();
    const lender = server.adminDsn.replace('root@', 'lender:lends@');
    const plan = () => run('db:migrate', '--plan', '--database', 'flames', '--shadow', lender);

    const refused = await plan();
    await asAdmin(`GRANT ALTER ON ${shadows} TO lender@'%'`);
    const ran = await plan();

    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: 'Databases whose migrations would fail: 1. Nothing was changed.\n',
    });
    expect(refused.stdout).toMatch(/redteam-dra: 20261122_0001, step \d+ fails: ALTER command denied/);
    expect(ran).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('all of them ran on a shadow') });
  });

  async function asAdmin(sql: string): Promise<void> {
    const admin = await createConnection({ uri: server.adminDsn });
    await admin.query(sql);
    await admin.end();
  }
});
