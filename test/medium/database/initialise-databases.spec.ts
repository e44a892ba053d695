import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { DATABASE_NAMES } from '../../../src/database/index.js';
import { databaseStatus, initialiseDatabases } from '../../../src/operations/index.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

/** The tables that people's installations already hold. */
const DOCUMENTED = {
  client: [
    'client_access_logs',
    'client_task_parameters',
    'client_task_results',
    'client_tasks',
    'client_uploads',
    'client_users',
  ],
  admin: [
    'admin_users',
    'models',
    'nodes',
    'performance_metrics',
    'system_configs',
    'system_logs',
    'workflow_models',
    'workflow_parameters',
    'workflow_templates',
  ],
  shared: [
    'global_files',
    'global_task_parameters',
    'global_task_results',
    'global_tasks',
    'node_task_assignments',
    'system_statistics',
    'task_queue_status',
  ],
  flames: ['task_flames', 'task_flames_logs'],
};

describe('initialising the databases', () => {
  let server: ScratchServer;
  let root: Connection;

  beforeAll(async () => {
    server = await startScratchServer({ initialised: false });
    root = await createConnection({ uri: server.adminDsn });
    await initialiseDatabases({ settings: server.settings, adminDsn: server.adminDsn });
  });
  afterAll(async () => {
    await root.end();
    await server.stop();
  });

  it.each(DATABASE_NAMES)('makes every documented table of %s, and reports nothing wrong', async (name) => {
    const status = await databaseStatus(name, server.settings);

    expect(status.problems).toEqual([]);
    expect(status.tables.map((table) => table.name)).toEqual(expect.arrayContaining(DOCUMENTED[name]));
  });

  it('changes nothing when it runs again', async () => {
    const before = await picture();
    await initialiseDatabases({ settings: server.settings, adminDsn: server.adminDsn });

    expect(await picture()).toEqual(before);
  });

  it('sets the password of a user whose password in the settings is another one', async () => {
    const settings = server.settingsWith({ mysql: { flames: { password: 'another-password' } } });
    expect((await databaseStatus('flames', settings)).problems).toEqual([expect.stringContaining('db:init')]);

    await initialiseDatabases({ settings, adminDsn: server.adminDsn });

    expect((await databaseStatus('flames', settings)).problems).toEqual([]);
  });

  it('says what is wrong where no server answers', async () => {
    const adminDsn = 'mysql://root@localhost/?socketPath=/nonexistent.sock';

    await expect(initialiseDatabases({ settings: server.settings, adminDsn })).rejects.toThrow(
      'Cannot reach the database server named by DB_ADMIN_DSN: connect ENOENT /nonexistent.sock. Start the server',
    );
  });

  /** What a second run could have changed: tables, rights, the log, the first data. */
  async function picture() {
    const databases = DATABASE_NAMES.map((name) => server.settings.mysql[name].database);
    const users = [...DATABASE_NAMES, 'migration' as const, 'maintenance' as const].map(
      (name) => server.settings.mysql[name].username,
    );
    return {
      columns: await all('SELECT * FROM information_schema.columns WHERE table_schema IN (?)', [databases]),
      grants: await Promise.all(users.map((user) => all(`SHOW GRANTS FOR ?@'%'`, [user]))),
      logs: await Promise.all(databases.map((database) => all('SELECT * FROM ??.schema_migrations', [database]))),
      identity: await all('SELECT * FROM ??.store_identity', [server.settings.mysql.shared.database]),
    };
  }

  async function all(sql: string, values: unknown[]): Promise<RowDataPacket[]> {
    const [rows] = await root.query<RowDataPacket[]>(sql, values);
    expect(rows.length).toBeGreaterThan(0);
    return rows;
  }
});
