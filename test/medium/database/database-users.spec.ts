import { createConnection, type Connection } from 'mysql2/promise';
import { DATABASE_NAMES, type DatabaseName } from '../../../src/database/index.js';
import { openMigrationConnection, openRuntimeConnection } from '../../../src/operations/open-connection.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

/** Access denied: to a database, to a table, for want of a global right. Any other error is another fault. */
const REFUSALS = [1044, 1142, 1227];

const TABLES: Record<DatabaseName, string> = {
  client: '`comfyui_client`.`outbox`',
  admin: '`comfyui_admin`.`outbox`',
  shared: '`comfyui_shared`.`outbox`',
  flames: '`redteam-dra`.`flames_spool`',
};

/** Beside its own database a user may enter only this one. */
const ALSO_ENTERS: Partial<Record<DatabaseName, DatabaseName>> = { client: 'shared', admin: 'shared' };

describe('what the database users may not do', () => {
  let server: ScratchServer;
  let root: Connection;
  const users = new Map<DatabaseName, Connection>();

  beforeAll(async () => {
    server = await startScratchServer();
    root = await createConnection({ uri: server.adminDsn });
    await root.query('CREATE DATABASE `comfyuiXclient`');
    await root.query('CREATE TABLE `comfyuiXclient`.`secrets` (id int)');
    for (const name of DATABASE_NAMES) users.set(name, await openRuntimeConnection(name, server.settings));
  });
  afterAll(async () => {
    for (const connection of users.values()) await connection.end();
    await root.end();
    await server.stop();
  });

  describe.each(DATABASE_NAMES)('%s', (name) => {
    const run = (sql: string) => users.get(name)!.query(sql);
    const expectRefused = (sql: string) => expectRefusal(users.get(name)!, sql);
    const foreign = DATABASE_NAMES.filter((other) => other !== name && other !== ALSO_ENTERS[name]);

    it('reads and deletes in its own database', async () => {
      await run(`SELECT * FROM ${TABLES[name]}`);
      await run(`DELETE FROM ${TABLES[name]} WHERE id = 0`);
    });

    it.each(foreign)('neither reads nor enters %s', async (other) => {
      await expectRefused(`SELECT * FROM ${TABLES[other]}`);
      await expectRefused(`INSERT INTO ${TABLES[other]} (id) VALUES (1)`);
      await expectRefused(`USE \`${server.settings.mysql[other].database}\``);
    });

    // The admin user alone has its own database whole, as installations have it.
    const without = name === 'admin' ? ALSO_ENTERS.admin! : name;
    it.each([
      `CREATE TABLE ${TABLES[without].replace(/`\w+`$/, '`made`')} (id int)`,
      `DROP TABLE ${TABLES[without]}`,
      `ALTER TABLE ${TABLES[without]} ADD COLUMN extra int`,
      `CREATE INDEX extra ON ${TABLES[without]} (created_at)`,
      `TRUNCATE TABLE ${TABLES[without]}`,
      `LOCK TABLES ${TABLES[without]} WRITE`,
      `CREATE TABLE ${TABLES[without].replace(/`\w+`$/, '`crossing`')} (id bigint, FOREIGN KEY (id) REFERENCES \`comfyuiXclient\`.\`secrets\` (id))`,
      'SELECT * FROM mysql.user',
      'SET GLOBAL max_connections = 1',
      `CREATE USER 'made'@'%'`,
      'CREATE DATABASE made',
      `GRANT SELECT ON ${TABLES[without]} TO 'flames_user'@'%'`,
    ])('is refused: %s', (sql) => expectRefused(sql));

    it('does not read a database whose name only fits the pattern of comfyui_client', async () => {
      await expectRefused('SELECT * FROM `comfyuiXclient`.`secrets`');
    });
  });

  it('lets the client user write into the shared database, but not delete there', async () => {
    await users.get('client')!.query(`UPDATE ${TABLES.shared} SET error = NULL WHERE id = 0`);
    await expectRefusal(users.get('client')!, `DELETE FROM ${TABLES.shared} WHERE id = 0`);
  });

  it('lets the migration user change tables, but neither users nor other databases', async () => {
    const migrator = await openMigrationConnection('flames', server.settings);
    await migrator.query('CREATE TABLE made (id int)');
    await migrator.query('DROP TABLE made');
    await expectRefusal(migrator, `CREATE USER 'made'@'%'`);
    await expectRefusal(migrator, 'SELECT * FROM `comfyuiXclient`.`secrets`');
    await expectRefusal(migrator, `GRANT SELECT ON ${TABLES.flames} TO 'flames_user'@'%'`);
    await migrator.end();
  });
});

async function expectRefusal(connection: Connection, sql: string): Promise<void> {
  const errno = await connection.query(sql).then(
    () => 'allowed',
    (error: { errno: number }) => error.errno,
  );
  expect(REFUSALS).toContain(errno);
}
