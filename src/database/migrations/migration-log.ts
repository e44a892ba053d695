import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { Migration } from './migration.js';

export interface MigrationRecord {
  version: string;
  name: string;
  /** Over the statements that are done, so of all of them once the migration is. */
  checksum: string;
  status: 'running' | 'done' | 'failed';
  /** How many statements are done. */
  step: number;
  steps: number;
  error: string | null;
  finishedAt: Date | null;
  /** Set by db:repair on what failed or was cut off: the next run may go on with it. */
  repairedAt: Date | null;
}

const NO_SUCH_TABLE = 1146;

const TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version varchar(64) NOT NULL,
  name varchar(200) NOT NULL,
  checksum char(64) NOT NULL,
  status enum('running','done','failed') NOT NULL,
  step int NOT NULL DEFAULT 0,
  steps int NOT NULL,
  error text,
  started_at datetime(3) NOT NULL,
  finished_at datetime(3) NULL,
  duration_ms int,
  repaired_at datetime(3) NULL,
  PRIMARY KEY (version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`;

/** The table in which a database says what ran on it: written before and after every statement's effect. */
export class MigrationLog {
  constructor(private readonly connection: Connection) {}

  async createTable(): Promise<void> {
    await this.connection.query(TABLE);
  }

  /** A database that was never migrated has no log yet: nothing ran there. */
  async list(): Promise<MigrationRecord[]> {
    try {
      const [rows] = await this.connection.query<(MigrationRecord & RowDataPacket)[]>(
        `SELECT version, name, checksum, status, step, steps, error, finished_at AS finishedAt, repaired_at AS repairedAt
         FROM schema_migrations ORDER BY version`,
      );
      return rows;
    } catch (error) {
      if ((error as { errno?: number }).errno === NO_SUCH_TABLE) return [];
      throw error;
    }
  }

  /** Marks a migration as running, from its first statement or from where it stopped. */
  async start({ version, name, steps }: Migration, checksum: string): Promise<void> {
    await this.connection.query(
      `INSERT INTO schema_migrations (version, name, checksum, status, steps, started_at)
       VALUES (?, ?, ?, 'running', ?, UTC_TIMESTAMP(3))
       ON DUPLICATE KEY UPDATE status = 'running', steps = VALUES(steps), error = NULL, repaired_at = NULL,
         started_at = VALUES(started_at)`,
      [version, name, checksum, steps().length],
    );
  }

  async reach(version: string, step: number, checksum: string): Promise<void> {
    await this.connection.query('UPDATE schema_migrations SET step = ?, checksum = ? WHERE version = ?', [
      step,
      checksum,
      version,
    ]);
  }

  async finish(version: string, durationMs: number): Promise<void> {
    await this.connection.query(
      `UPDATE schema_migrations SET status = 'done', finished_at = UTC_TIMESTAMP(3), duration_ms = ? WHERE version = ?`,
      [Math.round(durationMs), version],
    );
  }

  async fail(version: string, error: string): Promise<void> {
    await this.connection.query(
      `UPDATE schema_migrations SET status = 'failed', error = ?, finished_at = UTC_TIMESTAMP(3) WHERE version = ?`,
      [error.slice(0, 2_000), version],
    );
  }

  /** Lets the next run go on with what failed or was cut off; returns how many that were. */
  async repair(): Promise<number> {
    const [result] = await this.connection.query<ResultSetHeader>(
      `UPDATE schema_migrations SET repaired_at = UTC_TIMESTAMP(3) WHERE status <> 'done' AND repaired_at IS NULL`,
    );
    return result.affectedRows;
  }
}
