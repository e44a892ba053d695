import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Clock } from '../../common/index.js';
import { isRetryable } from '../database-errors.js';
import { MigrationError, MigrationFailedError } from './migration-errors.js';
import { MigrationLock, type LockTiming } from './migration-lock.js';
import { MigrationLog } from './migration-log.js';
import type { Migration, MigrationStep } from './migration.js';
import {
  checksum,
  migrationStatuses,
  planMigrations,
  type MigrationStatus,
  type PlannedMigration,
} from './plan-migrations.js';

export interface MigrationProgress {
  version: string;
  name: string;
  step: number;
  steps: number;
}

export interface MigrationRunnerOptions {
  /** Opens a connection of the migration user whose default database is the migrated one. */
  connect: () => Promise<Connection>;
  migrations: Migration[];
  clock: Clock;
  /** What statements find as `@name`: with the value in their text they would count as edited when it changes. */
  variables?: Record<string, string>;
  lockTiming?: LockTiming;
}

interface MigrateOptions {
  outOfOrder?: boolean;
  report?: (progress: MigrationProgress) => void;
}

/**
 * A waiting ALTER queues every writer behind it, so it gives up after seconds and tries again. Times are written
 * and converted in UTC, and bad values are errors, whatever the server's own settings are.
 */
const SESSION_GUARDS = `SET SESSION lock_wait_timeout = 2, innodb_lock_wait_timeout = 5, time_zone = '+00:00',
  sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`;

const LOCK_TRIES = 10;

/** Runs one database's migrations, one statement at a time, each recorded; never taken for done when it failed. */
export class MigrationRunner {
  constructor(private readonly options: MigrationRunnerOptions) {}

  status(): Promise<MigrationStatus[]> {
    return this.withConnection(async (connection) =>
      migrationStatuses(this.options.migrations, await new MigrationLog(connection).list()),
    );
  }

  /** What `migrate` would do now; nothing is changed. */
  plan({ outOfOrder }: Pick<MigrateOptions, 'outOfOrder'> = {}): Promise<PlannedMigration[]> {
    return this.withConnection(async (connection) =>
      planMigrations(this.options.migrations, await new MigrationLog(connection).list(), { outOfOrder }),
    );
  }

  /** Runs everything that is pending, in order; returns what ran. */
  migrate({ outOfOrder, report = () => undefined }: MigrateOptions = {}): Promise<Migration[]> {
    return this.locked(async (connection, lock) => {
      const log = new MigrationLog(connection);
      await log.createTable();
      const planned = planMigrations(this.options.migrations, await log.list(), { outOfOrder });
      const run = { connection, lock, log, report };
      for (const each of planned) await this.apply(run, each);
      return planned.map(({ migration }) => migration);
    });
  }

  /** Marks what failed or was cut off as resumable; returns how many migrations that were. */
  repair(): Promise<number> {
    return this.locked(async (connection) => {
      const log = new MigrationLog(connection);
      await log.createTable();
      return log.repair();
    });
  }

  private async apply({ connection, lock, log, report }: Run, planned: PlannedMigration): Promise<void> {
    const { migration, fromStep, wasCutOff } = planned;
    const { version, name } = migration;
    const steps = migration.steps();
    const startedMs = this.options.clock.monotonicMs();
    await log.start(migration, checksum(migration, fromStep));
    for (const [index, step] of steps.entries()) {
      if (index < fromStep) continue;
      const mayHaveLanded = wasCutOff && index === fromStep;
      try {
        await lock.confirm();
        await runStep(connection, step, mayHaveLanded);
      } catch (error) {
        throw await recordFailure(log, migration, index + 1, error);
      }
      await log.reach(version, index + 1, checksum(migration, index + 1));
      report({ version, name, step: index + 1, steps: steps.length });
    }
    await log.finish(version, this.options.clock.monotonicMs() - startedMs);
  }

  private async locked<T>(work: (connection: Connection, lock: MigrationLock) => Promise<T>): Promise<T> {
    return this.withConnection((lockConnection) =>
      this.withConnection(async (connection) => {
        const lock = new MigrationLock(lockConnection, this.options.clock, this.options.lockTiming);
        await lock.acquire();
        try {
          return await work(connection, lock);
        } finally {
          // One that cannot be given back is taken over after its time-to-live.
          await lock.release().catch(() => undefined);
        }
      }),
    );
  }

  private async withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.options.connect();
    try {
      await connection.query(SESSION_GUARDS);
      for (const [name, value] of Object.entries(this.options.variables ?? {}))
        await connection.query(`SET @${name} = ?`, [value]);
      return await work(connection);
    } finally {
      await connection.end();
    }
  }
}

interface Run {
  connection: Connection;
  lock: MigrationLock;
  log: MigrationLog;
  report: (progress: MigrationProgress) => void;
}

async function runStep(connection: Connection, { up, unless, landed }: MigrationStep, mayHaveLanded: boolean) {
  if (unless && (await hasRow(connection, unless))) return;
  if (mayHaveLanded && landed && (await hasRow(connection, landed))) return;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.query(up);
      return;
    } catch (error) {
      if (attempt >= LOCK_TRIES || !isRetryable(error)) throw error;
      await pause(100 + Math.random() * 400);
    }
  }
}

async function hasRow(connection: Connection, sql: string): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.length > 0;
}

async function recordFailure(log: MigrationLog, migration: Migration, step: number, error: unknown): Promise<Error> {
  // Where the connection itself is gone the row stays `running`, which blocks just as well.
  await log.fail(migration.version, (error as Error).message).catch(() => undefined);
  if (error instanceof MigrationError) return error;
  return new MigrationFailedError(migration.version, step, migration.steps()[step - 1]!.up, error);
}
