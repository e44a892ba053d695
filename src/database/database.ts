import type { Pool } from 'mysql2';
import type { DataSource, EntityManager } from 'typeorm';
import { UnavailableError } from '../common/index.js';
import { isConnectionError, isRetryable } from './database-errors.js';
import type { Tries } from './together-or-alone.js';

export type SqlValue = string | number | bigint | boolean | Date | Buffer | null | undefined | SqlValue[];

/** What a prepared statement takes: no lists, and nothing undefined. */
export type PreparedValue = string | number | bigint | boolean | Date | Buffer | null;

/** Runs SQL, either each statement on its own (Database) or all in one transaction (what `transaction` hands out). */
export interface Executor {
  /** The rows of a SELECT. Numbers of type bigint and decimal come as strings. */
  rows<T>(sql: string, values?: SqlValue[]): Promise<T[]>;
  /** The number of rows that an INSERT, UPDATE or DELETE matched: a WHERE must hold the old state to be a proof. */
  run(sql: string, values?: SqlValue[]): Promise<number>;
}

/** Connections of a pool right now. */
export interface PoolUse {
  open: number;
  used: number;
  /** Requests that wait for one. */
  waiting: number;
  most: number;
}

/** What mysql2's pool knows and has no method for. */
interface PoolQueues {
  _allConnections: { length: number };
  _freeConnections: { length: number };
  _connectionQueue: { length: number };
  config: { connectionLimit: number };
}

const MAX_TRIES = 5;

/**
 * One of the four databases, as repositories use it: SQL in, rows out, transactions in READ COMMITTED (set once for each
 * connection: ormconfig/prepared-driver.ts).
 */
export class Database implements Executor {
  constructor(private readonly dataSource: DataSource) {}

  rows<T>(sql: string, values: SqlValue[] = []): Promise<T[]> {
    return reached(this.dataSource.query<T[]>(sql, values));
  }

  /** A transaction of its own, and as such tried again. */
  async run(sql: string, values: SqlValue[] = [], { tries = MAX_TRIES }: Tries = {}): Promise<number> {
    return affected(await this.tryAgain(() => this.dataSource.query<unknown>(sql, values), tries));
  }

  /**
   * `run` for one and the same statement with many values: the server reads its text once a connection, and values are
   * sent as they are. Each connection keeps the statement, so its text must not vary.
   */
  async runPrepared(sql: string, values: PreparedValue[]): Promise<number> {
    const { pool } = this.dataSource.driver as unknown as { pool: Pool };
    const execute = async () => (await pool.promise().execute(sql, values))[0];
    return affected(await this.tryAgain(execute, MAX_TRIES));
  }

  /**
   * All or nothing. Tried again when the server gave up on a lock (1213, 1205, 1020), so `work` must do nothing
   * but SQL: no call to another server happens inside a transaction.
   */
  transaction<T>(work: (transaction: Executor) => Promise<T>, { tries = MAX_TRIES }: Tries = {}): Promise<T> {
    return this.tryAgain(() => this.dataSource.transaction((manager) => work(new TransactionExecutor(manager))), tries);
  }

  poolUse(): PoolUse {
    const { pool } = this.dataSource.driver as unknown as { pool: PoolQueues };
    const open = pool._allConnections.length;
    const used = open - pool._freeConnections.length;
    return { open, used, waiting: pool._connectionQueue.length, most: pool.config.connectionLimit };
  }

  private async tryAgain<T>(work: () => Promise<T>, tries: number): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await reached(work());
      } catch (error) {
        if (attempt >= tries || !isRetryable(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt));
      }
    }
  }
}

class TransactionExecutor implements Executor {
  constructor(private readonly manager: EntityManager) {}

  rows<T>(sql: string, values: SqlValue[] = []): Promise<T[]> {
    return this.manager.query<T[]>(sql, values);
  }

  async run(sql: string, values: SqlValue[] = []): Promise<number> {
    return affected(await this.manager.query<unknown>(sql, values));
  }
}

/** A server that is away is told apart from every other failure: callers may try again. */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    const message = 'The database is not reachable; try again shortly.';
    throw new UnavailableError(message, 'DATABASE_UNAVAILABLE', { cause: error });
  }
}

function affected(result: unknown): number {
  return (result as { affectedRows?: number }).affectedRows ?? 0;
}
