import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { Clock } from '../../../src/common/index.js';
import { createTable, MigrationRunner, type LockTiming, type Migration } from '../../../src/database/index.js';
import { MigrationLock } from '../../../src/database/migrations/migration-lock.js';
import { checksum } from '../../../src/database/migrations/plan-migrations.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const TIMING: LockTiming = { ttlMs: 150, renewMs: 40, waitMs: 600 };

describe('the migration runner', () => {
  let server: ScratchServer;
  let database: Connection;
  let name: string;
  let made = 0;

  beforeAll(async () => {
    server = await startScratchServer({ initialised: false });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    database = await createConnection({ uri: server.adminDsn });
    name = `migrated_${(made += 1)}`;
    await database.query(`CREATE DATABASE ${name}`);
    await database.query(`USE ${name}`);
  });
  afterEach(() => database.end());

  it('runs what is pending in order, records it, and then has nothing to do', async () => {
    const migrations = [creating('0002', 'b'), creating('0001', 'a')];
    const steps: string[] = [];

    const ran = await runner(migrations).migrate({ report: ({ version, step }) => steps.push(`${version}:${step}`) });

    expect(ran.map(({ version }) => version)).toEqual(['0001', '0002']);
    expect(steps).toEqual(['0001:1', '0002:1']);
    expect(await runner(migrations).migrate()).toEqual([]);
    expect(await states(migrations)).toEqual({ '0001': 'done', '0002': 'done' });
    expect(await log()).toEqual([
      expect.objectContaining({ version: '0001', status: 'done', step: 1, steps: 1, error: null }),
      expect.objectContaining({ version: '0002', status: 'done', step: 1, steps: 1, error: null }),
    ]);
  });

  it('stops at a failing statement, records it, blocks, and after repair goes on at that statement', async () => {
    const broken = migration('0001', [creating('', 'a'), 'INSERT INTO missing VALUES (1)', creating('', 'c')]);
    const migrations = [broken, creating('0002', 'd')];

    await expect(runner(migrations).migrate()).rejects.toThrow(/Migration 0001 failed at step 2: .*missing.*exist/);
    expect(await tables()).toEqual(['a']);
    expect(await log()).toEqual([
      expect.objectContaining({
        version: '0001',
        status: 'failed',
        step: 1,
        error: expect.stringContaining('missing'),
      }),
    ]);
    await expect(runner(migrations).migrate()).rejects.toThrow(/recorded as failed after 1 steps .* db:repair/);
    expect(await tables()).toEqual(['a']);

    await database.query('CREATE TABLE missing (id int)');
    expect(await runner(migrations).repair()).toBe(1);
    await runner(migrations).migrate();

    expect(await tables()).toEqual(['a', 'c', 'd', 'missing']);
    expect(await states(migrations)).toEqual({ '0001': 'done', '0002': 'done' });
    const [rows] = await database.query<RowDataPacket[]>('SELECT COUNT(*) AS count FROM missing');
    expect(rows[0]!.count).toBe(1);
  });

  it('takes a mended statement after a repair, but refuses a change of those that ran before it', async () => {
    const broken = migration('0001', [creating('', 'a'), 'NONSENSE']);
    await expect(runner([broken]).migrate()).rejects.toThrow('failed at step 2');
    await runner([broken]).repair();

    const rewritten = migration('0001', [creating('', 'other'), creating('', 'b')]);
    await expect(runner([rewritten]).migrate()).rejects.toThrow('Migration 0001 was edited');
    await runner([migration('0001', [creating('', 'a'), creating('', 'b')])]).migrate();

    expect(await tables()).toEqual(['a', 'b']);
  });

  it('does not take a table of the same name for its own work', async () => {
    await database.query('CREATE TABLE a (old_column int)');

    await expect(runner([creating('0001', 'a')]).migrate()).rejects.toThrow('already exists');
    await runner([creating('0001', 'a')]).repair();

    await expect(runner([creating('0001', 'a')]).migrate()).rejects.toThrow('already exists');
  });

  it('goes on after a run that died between a statement and its record', async () => {
    const both = migration('0001', [creating('', 'a'), creating('', 'b')]);
    await runner([both]).migrate();
    await database.query(`UPDATE schema_migrations SET status = 'running', step = 1, checksum = ?`, [
      checksum(both, 1),
    ]);

    await expect(runner([both]).migrate()).rejects.toThrow('recorded as running after 1 steps');
    await runner([both]).repair();
    await runner([both]).migrate();

    expect(await states([both])).toEqual({ '0001': 'done' });
  });

  it('refuses to run beside a migration that was edited after it had run', async () => {
    await runner([creating('0001', 'a')]).migrate();
    const edited = [creating('0001', 'renamed'), creating('0002', 'b')];

    await expect(runner(edited).migrate()).rejects.toThrow('Migration 0001 was edited after it had run here');
    expect(await states(edited)).toEqual({ '0001': 'edited', '0002': 'pending' });
    expect(await tables()).toEqual(['a']);
  });

  it('refuses what is older than what has run, unless asked for it', async () => {
    await runner([creating('0002', 'b')]).migrate();
    const late = [creating('0001', 'a'), creating('0002', 'b')];

    await expect(runner(late).migrate()).rejects.toThrow('Migration 0001 has not run, but the newer 0002 has');
    expect(await tables()).toEqual(['b']);
    await runner(late).migrate({ outOfOrder: true });

    expect(await tables()).toEqual(['a', 'b']);
  });

  it('refuses a migration that holds no statements', async () => {
    await expect(runner([migration('0001', [])]).migrate()).rejects.toThrow('holds no statements yet');
  });

  it('passes a step over whose work is already there', async () => {
    await database.query('CREATE TABLE a (id int, kept int)');
    const add = { up: 'ALTER TABLE a ADD COLUMN kept int', down: 'ALTER TABLE a DROP COLUMN kept' };
    const unless = `SELECT 1 FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'a' AND column_name = 'kept'`;

    await runner([{ ...migration('0001', []), steps: () => [{ ...add, unless }] }]).migrate();

    expect((await log())[0]).toMatchObject({ status: 'done', step: 1 });
  });

  it('runs every migration once when two runners start together', async () => {
    const migrations = [migration('0001', ['DO SLEEP(0.3)', creating('', 'a')]), creating('0002', 'b')];
    const timing = { ...TIMING, waitMs: 10_000 };

    const ran = await Promise.all([runner(migrations, timing).migrate(), runner(migrations, timing).migrate()]);

    expect(ran.map(({ length }) => length).sort()).toEqual([0, 2]);
  });

  it('gives up waiting for another run that is alive', async () => {
    const holder = new MigrationLock(database, new Clock(), TIMING);
    await holder.acquire();

    await expect(runner([creating('0001', 'a')]).migrate()).rejects.toThrow(/Another run \(.*\) is migrating/);
    await holder.release();

    expect(await tables()).toEqual([]);
  });

  it('takes the lock of a run that died over, and the dead one cannot go on', async () => {
    const dead = new MigrationLock(database, new Clock(), { ...TIMING, renewMs: 1_000_000 });
    await dead.acquire();

    await runner([creating('0001', 'a')]).migrate();

    expect(await tables()).toEqual(['a']);
    await expect(dead.confirm()).rejects.toThrow('took this database’s migration lock over');
    await dead.release();
  });

  function runner(migrations: Migration[], lockTiming = TIMING): MigrationRunner {
    const connect = () => createConnection({ uri: server.adminDsn, database: name });
    return new MigrationRunner({ connect, migrations, clock: new Clock(), lockTiming });
  }

  async function states(migrations: Migration[]): Promise<Record<string, string>> {
    return Object.fromEntries((await runner(migrations).status()).map(({ version, state }) => [version, state]));
  }

  async function log(): Promise<RowDataPacket[]> {
    const [rows] = await database.query<RowDataPacket[]>('SELECT * FROM schema_migrations ORDER BY version');
    return rows;
  }

  async function tables(): Promise<string[]> {
    const [rows] = await database.query<RowDataPacket[]>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = DATABASE() AND table_name NOT LIKE 'schema\\_%' ORDER BY table_name`,
    );
    return rows.map((row) => String(row.name));
  }
});

function creating(version: string, table: string): Migration {
  return migration(version, [createTable(table, 'id int NOT NULL, PRIMARY KEY (id)').up], table);
}

/** Statements as text, or taken from another migration. */
function migration(version: string, statements: (string | Migration)[], name = 'test'): Migration {
  const steps = statements.flatMap((statement) =>
    typeof statement === 'string'
      ? [{ up: statement, down: { irreversible: 'a test' }, ...landing(statement) }]
      : statement.steps(),
  );
  return { version, name, description: 'A test.', steps: () => steps };
}

function landing(statement: string) {
  const table = /^CREATE TABLE (\w+)/.exec(statement)?.[1];
  return table ? { landed: createTable(table, '').landed } : {};
}
