import type { Connection, RowDataPacket } from 'mysql2/promise';
import { MIGRATIONS } from '../../../ormconfig/four-databases.js';
import type { Migration } from '../../../src/database/index.js';
import { migrationRunner, planMigrationRun, rehearseMigrations } from '../../../src/operations/index.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const VERSION = '99991231_0001';
const FIRST = 'CREATE TABLE later (id int PRIMARY KEY)';
const SECOND = 'ALTER TABLE later ADD kept int';
const NONSENSE = 'ALTER TABLE never_made ADD kept int';

describe('the plan of a migration run', () => {
  let server: ScratchServer;
  let live: Connection;

  beforeAll(async () => {
    server = await startScratchServer();
    live = await openMigrationConnection('client', server.settings);
  });
  afterAll(async () => {
    await live.end();
    await server.stop();
  });
  afterEach(async () => {
    await live.query('DROP TABLE IF EXISTS later');
    await live.query('DELETE FROM schema_migrations WHERE version = ?', [VERSION]);
    expect(await names(`SELECT schema_name AS name FROM information_schema.schemata`)).not.toContainEqual(
      expect.stringMatching(/^shadow_/),
    );
  });

  it('shows every statement that is pending, and nothing where nothing is', async () => {
    expect(await plan([])).toEqual([]);
    expect(await plan([FIRST, SECOND])).toEqual([
      { version: VERSION, name: 'test', step: 1, steps: 2, statement: FIRST },
      { version: VERSION, name: 'test', step: 2, steps: 2, statement: SECOND },
    ]);
  });

  it('is tried on a shadow, and leaves the live tables as they are', async () => {
    expect(await rehearse([FIRST, SECOND])).toBeUndefined();

    expect(await tables()).not.toContain('later');
    expect(await plan([FIRST, SECOND])).toHaveLength(2);
  });

  it('names the statement that the server refuses, and why', async () => {
    expect(await rehearse([FIRST, NONSENSE])).toEqual({
      statement: { version: VERSION, name: 'test', step: 2, steps: 2, statement: NONSENSE },
      error: expect.stringMatching(/shadow_\w+_client.never_made' doesn't exist/),
    });
    expect(await tables()).not.toContain('later');
  });

  it('goes on where a failed run stopped, on the shadow as on the live database', async () => {
    await expect(runner([FIRST, NONSENSE]).migrate()).rejects.toThrow('failed at step 2');
    await expect(plan([FIRST, SECOND])).rejects.toThrow(/recorded as failed after 1 steps/);
    await runner([FIRST, NONSENSE]).repair();

    expect(await plan([FIRST, SECOND])).toMatchObject([{ step: 2, statement: SECOND }]);
    expect(await rehearse([FIRST, SECOND])).toBeUndefined();
    expect(await rehearse([FIRST, NONSENSE])).toMatchObject({ statement: { version: VERSION, step: 2 } });
    await runner([FIRST, SECOND]).migrate();
    expect(await tables()).toContain('later');
  });

  const request = (statements: string[]) => ({
    name: 'client' as const,
    settings: server.settings,
    migrations: withMigration(statements),
  });
  const plan = (statements: string[]) => planMigrationRun(request(statements));
  const rehearse = (statements: string[]) => rehearseMigrations({ ...request(statements), shadowDsn: server.adminDsn });
  const runner = (statements: string[]) => migrationRunner('client', server.settings, withMigration(statements));
  const tables = () =>
    names('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()');

  async function names(sql: string): Promise<string[]> {
    const [rows] = await live.query<RowDataPacket[]>(sql);
    return rows.map((row) => String(row.name));
  }
});

/** The migrations of this release, and one more that holds these statements. */
function withMigration(statements: string[]): Migration[] {
  const steps = () => statements.map((up) => ({ up, down: { irreversible: 'a test' } }));
  const more = { version: VERSION, name: 'test', description: 'A test.', steps };
  return statements.length === 0 ? MIGRATIONS.client : [...MIGRATIONS.client, more];
}
