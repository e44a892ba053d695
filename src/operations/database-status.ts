import type { Connection, RowDataPacket } from 'mysql2/promise';
import { MIGRATIONS } from '../../ormconfig/four-databases.js';
import type { Settings } from '../config/index.js';
import { MigrationLog, migrationStatuses, type DatabaseName, type MigrationStatus } from '../database/index.js';
import { openRuntimeConnection } from './open-connection.js';

export interface TableStatus {
  name: string;
  engine: string;
  /** The server's estimate: counting a big table would stand in everybody's way. */
  rows: number;
  sizeBytes: number;
}

export interface DatabaseStatus {
  name: DatabaseName;
  database: string;
  username: string;
  /** Version of the server; undefined where it could not be reached. */
  server: string | undefined;
  tables: TableStatus[];
  pendingMigrations: number;
  /** One sentence each; empty where all is well. */
  problems: string[];
}

/** Looks at one database with the application's own user: what is there, and what is wrong with it. */
export async function databaseStatus(name: DatabaseName, settings: Settings): Promise<DatabaseStatus> {
  const { database, username } = settings.mysql[name];
  const status: DatabaseStatus = {
    name,
    database,
    username,
    server: undefined,
    tables: [],
    pendingMigrations: 0,
    problems: [],
  };
  try {
    const connection = await openRuntimeConnection(name, settings);
    try {
      return { ...status, ...(await look(name, settings, connection)) };
    } finally {
      await connection.end();
    }
  } catch (error) {
    return { ...status, problems: [(error as Error).message] };
  }
}

async function look(name: DatabaseName, settings: Settings, connection: Connection) {
  // MySQL answers with day-old figures unless it is told not to.
  if (settings.mysql.serverType === 'mysql') await connection.query('SET SESSION information_schema_stats_expiry = 0');
  const [[{ server }]] = (await connection.query('SELECT VERSION() AS server')) as unknown as [[{ server: string }]];
  const tables = await listTables(connection);
  const migrations = migrationStatuses(MIGRATIONS[name], await new MigrationLog(connection).list());
  const pendingMigrations = migrations.filter(({ state }) => state === 'pending').length;
  return { server, tables, pendingMigrations, problems: [...migrationProblems(migrations), ...tableProblems(tables)] };
}

async function listTables(connection: Connection): Promise<TableStatus[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT table_name AS name, engine AS engine, table_rows AS row_estimate, data_length + index_length AS size_bytes
     FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  return rows.map((row) => ({
    name: String(row.name),
    engine: String(row.engine),
    rows: Number(row.row_estimate),
    sizeBytes: Number(row.size_bytes),
  }));
}

function migrationProblems(migrations: MigrationStatus[]): string[] {
  const pending = migrations.filter(({ state }) => state === 'pending');
  const problems = pending.length > 0 ? [`Migrations pending: ${pending.length}. Run db:migrate.`] : [];
  for (const { version, state, error } of migrations) {
    if (state === 'failed') problems.push(`Migration ${version} failed: ${error}. See db:migration-status.`);
    if (state === 'running') problems.push(`Migration ${version} is running, or was cut off. See db:migration-status.`);
    if (state === 'edited') problems.push(`Migration ${version} was edited after it had run here.`);
    if (state === 'unknown') problems.push(`Migration ${version} belongs to another release than this one.`);
  }
  return problems;
}

function tableProblems(tables: TableStatus[]): string[] {
  return tables
    .filter(({ engine }) => engine !== 'InnoDB')
    .map(({ name, engine }) => `Table ${name} is ${engine}, which knows no transactions; it must be InnoDB.`);
}
