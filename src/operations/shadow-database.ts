import { randomBytes } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { MIGRATIONS } from '../../ormconfig/four-databases.js';
import { Clock, ConflictError, UnavailableError } from '../common/index.js';
import type { Settings } from '../config/index.js';
import {
  MigrationFailedError,
  MigrationRunner,
  type DatabaseName,
  type Migration,
  type MigrationStatus,
} from '../database/index.js';
import { migrationRunner } from './migrate-databases.js';
import { openAdminConnection } from './open-connection.js';

export interface ShadowRequest {
  name: DatabaseName;
  settings: Settings;
  /** An administrator of the server that lends a temporary database; it need not be the one with the live tables. */
  shadowDsn: string;
  /** Default: those of this release. */
  migrations?: Migration[];
}

/** A temporary database in which every statement has run that the live one records as done. */
export interface Shadow {
  /** What the live database says of each migration. */
  statuses: MigrationStatus[];
  /** Those that ran here: of one that stopped half-way, the statements that are done. */
  applied: Migration[];
  connect: () => Promise<Connection>;
  runner: (migrations: Migration[]) => MigrationRunner;
}

/** Lends `work` a shadow of one database, and drops it whatever happens; the live database is only read. */
export async function withShadow<T>(request: ShadowRequest, work: (shadow: Shadow) => Promise<T>): Promise<T> {
  const { name, settings, shadowDsn, migrations = MIGRATIONS[name] } = request;
  const statuses = await migrationRunner(name, settings, migrations).status();
  return withTemporaryDatabase(shadowDsn, name, async (connect) => {
    const runner = (those: Migration[]) => new MigrationRunner({ connect, migrations: those, clock: new Clock() });
    const applied = migrations.flatMap((migration) => doneStatements(migration, statuses));
    await runner(applied).migrate().catch(explainRefusal);
    return work({ statuses, applied, connect, runner });
  });
}

/** Happens where a migration leans on something that it did not make, or was edited: a new installation would fail too. */
function explainRefusal(error: unknown): never {
  if (!(error instanceof MigrationFailedError)) throw error;
  throw new ConflictError(
    `What ran on the live database does not run on a shadow of it. ${error.refusal}\n` +
      'Nothing live was touched. A new installation would fail at the same statement: mend the migration.',
    'SHADOW_FAILED',
    { cause: error },
  );
}

function doneStatements(migration: Migration, statuses: MigrationStatus[]): Migration[] {
  const done = statuses.find(({ version }) => version === migration.version)?.step ?? 0;
  return done === 0 ? [] : [{ ...migration, steps: () => migration.steps().slice(0, done) }];
}

async function withTemporaryDatabase<T>(
  dsn: string,
  name: DatabaseName,
  work: (connect: () => Promise<Connection>) => Promise<T>,
): Promise<T> {
  const database = `shadow_${randomBytes(8).toString('hex')}_${name}`;
  await asAdmin(dsn, `CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  const [outcome] = await Promise.allSettled([work(() => openAdminConnection(dsn, database))]);
  await asAdmin(dsn, `DROP DATABASE ${database}`).catch((error: unknown) => {
    const before = outcome.status === 'rejected' ? ` Before that: ${(outcome.reason as Error).message}` : '';
    throw new UnavailableError(
      `The temporary database ${database} could not be dropped: ${(error as Error).message}. Drop it by hand.${before}`,
      'SHADOW_LEFT',
      { cause: error },
    );
  });
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

async function asAdmin(dsn: string, statement: string): Promise<void> {
  const connection = await openAdminConnection(dsn);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
