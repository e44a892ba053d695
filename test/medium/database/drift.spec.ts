import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { MIGRATIONS } from '../../../ormconfig/four-databases.js';
import { DATABASE_NAMES, type Migration } from '../../../src/database/index.js';
import { checkDrift, compareWithShadow } from '../../../src/operations/index.js';
import { openMigrationConnection } from '../../../src/operations/open-connection.js';
import { startScratchServer, type ScratchServer } from '../../support/scratch-server.js';

const FOREIGN_KEY = 'fk_client_task_results_task_id';
const REFERENCE = 'FOREIGN KEY (task_id) REFERENCES client_tasks (id) ON DELETE';

/** What somebody did to a table by hand, how it is taken back, and the lines that tell of it. */
const TAMPERING: Record<string, { done: string; undone: string; lines: string[] }> = {
  'a column of another type': {
    done: 'ALTER TABLE client_tasks MODIFY prompt varchar(20)',
    undone: 'ALTER TABLE client_tasks MODIFY prompt text',
    lines: ['client_tasks.prompt: type varchar(20), by the migrations text'],
  },
  'another default': {
    done: 'ALTER TABLE client_tasks ALTER run_no SET DEFAULT 7',
    undone: 'ALTER TABLE client_tasks ALTER run_no SET DEFAULT 1',
    lines: ['client_tasks.run_no: default 7, by the migrations 1'],
  },
  'a default and a NOT NULL that are gone': {
    done: 'ALTER TABLE client_tasks MODIFY batch_size int',
    undone: 'ALTER TABLE client_tasks MODIFY batch_size int NOT NULL DEFAULT 1',
    lines: [
      'client_tasks.batch_size: default NULL, by the migrations 1',
      'client_tasks.batch_size: nullable YES, by the migrations NO',
    ],
  },
  'a column computed by the server': {
    done: 'ALTER TABLE client_tasks DROP height, ADD height int AS (width * 2) STORED AFTER width',
    undone: 'ALTER TABLE client_tasks DROP height, ADD height int AFTER width',
    lines: [
      'client_tasks.height: extra STORED GENERATED, by the migrations empty',
      'client_tasks.height: generated as `width` * 2, by the migrations none',
    ],
  },
  'a missing column, without blaming those behind it': {
    done: 'ALTER TABLE client_tasks DROP sampler',
    undone: 'ALTER TABLE client_tasks ADD sampler varchar(64) AFTER cfg_scale',
    lines: ['client_tasks.sampler: missing'],
  },
  'columns in another order': {
    done: 'ALTER TABLE client_tasks MODIFY steps int AFTER width',
    undone: 'ALTER TABLE client_tasks MODIFY steps int AFTER height',
    lines: ['client_tasks: column steps stands where the migrations have height'],
  },
  'a dropped index': {
    done: 'ALTER TABLE client_uploads DROP INDEX ix_client_uploads_file_hash',
    undone: 'ALTER TABLE client_uploads ADD INDEX ix_client_uploads_file_hash (file_hash)',
    lines: ['client_uploads, index ix_client_uploads_file_hash: missing'],
  },
  'an index nobody knows': {
    done: 'ALTER TABLE client_tasks ADD INDEX ix_by_hand (sampler, scheduler)',
    undone: 'ALTER TABLE client_tasks DROP INDEX ix_by_hand',
    lines: ['client_tasks, index ix_by_hand: unknown to the migrations'],
  },
  'an index over other columns, and no longer unique': {
    done: 'ALTER TABLE client_tasks DROP INDEX uq_client_tasks_task_id, ADD INDEX uq_client_tasks_task_id (task_id(9), id)',
    undone: 'ALTER TABLE client_tasks DROP INDEX uq_client_tasks_task_id, ADD UNIQUE uq_client_tasks_task_id (task_id)',
    lines: [
      'client_tasks, index uq_client_tasks_task_id: columns task_id(9), id, by the migrations task_id',
      'client_tasks, index uq_client_tasks_task_id: unique no, by the migrations yes',
    ],
  },
  'a table nobody knows, in one line': {
    done: 'CREATE TABLE tasks_backup (id int PRIMARY KEY, kept json)',
    undone: 'DROP TABLE tasks_backup',
    lines: ['tasks_backup: unknown to the migrations'],
  },
  'a missing table, in one line': {
    done: 'RENAME TABLE quota_ledger TO schema_migration_lock_aside',
    undone: 'RENAME TABLE schema_migration_lock_aside TO quota_ledger',
    lines: ['quota_ledger: missing', 'schema_migration_lock_aside: unknown to the migrations'],
  },
  'another collation of a table and of a column': {
    done: `ALTER TABLE quota_ledger COLLATE utf8mb4_bin, MODIFY client_id varchar(36) COLLATE utf8mb4_bin NOT NULL,
      MODIFY task_id varchar(36) COLLATE utf8mb4_unicode_ci NOT NULL,
      MODIFY kind enum('charge','refund') COLLATE utf8mb4_unicode_ci NOT NULL`,
    undone: `ALTER TABLE quota_ledger COLLATE utf8mb4_unicode_ci,
      MODIFY client_id varchar(36) COLLATE utf8mb4_unicode_ci NOT NULL`,
    lines: [
      'quota_ledger.client_id: collation utf8mb4_bin, by the migrations utf8mb4_unicode_ci',
      'quota_ledger: collation utf8mb4_bin, by the migrations utf8mb4_unicode_ci',
    ],
  },
  'another engine': {
    done: 'ALTER TABLE quota_ledger ENGINE=MyISAM',
    undone: 'ALTER TABLE quota_ledger ENGINE=InnoDB',
    lines: ['quota_ledger: engine MyISAM, by the migrations InnoDB'],
  },
  'a dropped foreign key': {
    done: `ALTER TABLE client_task_results DROP FOREIGN KEY ${FOREIGN_KEY}`,
    undone: `ALTER TABLE client_task_results ADD CONSTRAINT ${FOREIGN_KEY} ${REFERENCE} CASCADE ON UPDATE NO ACTION`,
    lines: [`client_task_results, foreign key ${FOREIGN_KEY}: missing`],
  },
  'a check that is gone': {
    done: 'ALTER TABLE client_task_results MODIFY result_metadata longtext COLLATE utf8mb4_bin',
    undone: 'ALTER TABLE client_task_results MODIFY result_metadata json',
    lines: ['client_task_results, check result_metadata: missing'],
  },
  'a table without its partitions': {
    done: 'ALTER TABLE client_access_logs REMOVE PARTITIONING',
    undone: `ALTER TABLE client_access_logs PARTITION BY RANGE COLUMNS (created_at)
      (PARTITION p_future VALUES LESS THAN (MAXVALUE))`,
    lines: [
      'client_access_logs: partition key none, by the migrations `created_at`',
      'client_access_logs: partitioned by none, by the migrations RANGE COLUMNS',
    ],
  },
};

describe('drift', () => {
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
  afterEach(async () => expect(await shadowDatabases()).toEqual([]));

  const compare = async (migrations?: Migration[]) =>
    compareWithShadow({ name: 'client', settings: server.settings, shadowDsn: server.adminDsn, migrations });

  it.each(DATABASE_NAMES)('is not found in %s of a fresh installation', async (name) => {
    const { settings, adminDsn: shadowDsn } = server;
    expect(await checkDrift(name, settings)).toEqual([]);
    expect(await compareWithShadow({ name, settings, shadowDsn })).toEqual({ differences: [], notes: [] });
  });

  it.each(Object.entries(TAMPERING))('shows %s', async (_, { done, undone, lines }) => {
    await client.query(done);
    const { differences } = await compare();
    await client.query(undone);

    expect(differences).toEqual(lines.map((line) => `comfyui_client.${line}`));
  });

  it('is not made of rows, counters and further partitions', async () => {
    await client.query(`INSERT INTO quota_ledger (client_id, task_id, run_no, kind, quota_day)
      VALUES ('c', 't', 1, 'charge', '2026-11-22')`);
    await client.query('ALTER TABLE client_tasks AUTO_INCREMENT = 1000');
    await client.query(`ALTER TABLE client_access_logs REORGANIZE PARTITION p_future INTO
      (PARTITION p_2026 VALUES LESS THAN ('2027-01-01'), PARTITION p_future VALUES LESS THAN (MAXVALUE))`);

    expect((await compare()).differences).toEqual([]);
  });

  it('is not made of migrations that are pending, which are named', async () => {
    const pending = migration('CREATE TABLE later (id int PRIMARY KEY)');

    expect(await compare([...MIGRATIONS.client, pending])).toEqual({
      differences: [],
      notes: ['Migration 99991231_0001 is pending, and left out.'],
    });
  });

  it('leaves no database behind where a migration fails on the shadow', async () => {
    await client.query(`INSERT INTO schema_migrations (version, name, checksum, status, step, steps, started_at)
      VALUES ('99991231_0001', 'test', '', 'done', 1, 1, UTC_TIMESTAMP(3))`);
    const outcome = compare([...MIGRATIONS.client, migration('ALTER TABLE never_made ADD x int')]);

    await expect(outcome).rejects.toThrow(
      /does not run on a shadow.* 99991231_0001 failed at step 1: .*shadow_\w+_client.never_made.* exist/,
    );
    await client.query(`DELETE FROM schema_migrations WHERE version = '99991231_0001'`);
  });

  it('is seen by the entities alone too: type, index and column', async () => {
    await client.query('ALTER TABLE client_tasks MODIFY message varchar(100)');
    await client.query('ALTER TABLE client_tasks DROP INDEX uq_client_tasks_task_id');
    await client.query('ALTER TABLE client_users DROP COLUMN nickname');

    const statements = (await checkDrift('client', server.settings)).join('\n');

    for (const name of ['`message`', 'uq_client_tasks_task_id', '`nickname`']) expect(statements).toContain(name);
  });

  async function shadowDatabases(): Promise<RowDataPacket[]> {
    const admin = await createConnection({ uri: server.adminDsn });
    const [rows] = await admin.query<RowDataPacket[]>(`SHOW DATABASES LIKE 'shadow%'`);
    await admin.end();
    return rows;
  }
});

function migration(up: string): Migration {
  const steps = () => [{ up, down: { irreversible: 'a test' } }];
  return { version: '99991231_0001', name: 'test', description: 'A test.', steps };
}
