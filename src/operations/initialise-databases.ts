import { randomUUID } from 'node:crypto';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { UnavailableError } from '../common/index.js';
import type { Settings } from '../config/index.js';
import { DATABASE_NAMES } from '../database/index.js';
import { grantUsers, quoteName } from './database-users.js';
import { migrationRunner } from './migrate-databases.js';
import { openAdminConnection, openMigrationConnection } from './open-connection.js';
import { makeFirstPartitions } from './partition-keeper.js';

export interface InitialiseOptions {
  /** With every secret filled in (`withSecrets`): the users get these passwords. */
  settings: Settings;
  /** `mysql://user:password@host:port/` or `mysql://user:password@localhost/?socketPath=…`; used here alone. */
  adminDsn: string;
  /** Told one line for each thing done. */
  report?: (line: string) => void;
}

/** The table is in use, or another process makes the same partitions at this moment. */
const PASSING = new Set([1205, 1517]);

/** The pools of one process add up to 70 connections. */
const WANTED_CONNECTIONS = 300;

/** Makes the four databases, their users with their rights, all tables and the first data. Safe to run again. */
export async function initialiseDatabases({ settings, adminDsn, report = ignore }: InitialiseOptions): Promise<void> {
  const admin = await openAdminConnection(adminDsn);
  try {
    await checkLimits(admin, report);
    await createDatabases(admin, settings, report);
    await grantUsers(admin, settings);
    report('users and rights are set');
  } finally {
    await admin.end();
  }
  for (const name of DATABASE_NAMES) {
    const ran = await migrationRunner(name, settings).migrate();
    report(`${settings.mysql[name].database}: migrations run: ${ran.length}`);
  }
  await writeFirstData(settings, report);
  await cutTables(settings, report);
}

async function checkLimits(admin: Connection, report: (line: string) => void): Promise<void> {
  const [[row]] = await admin.query<RowDataPacket[]>('SELECT @@max_connections AS allowed');
  const allowed = Number(row?.allowed);
  if (allowed < WANTED_CONNECTIONS)
    report(`warning: the server allows ${allowed} connections; set max_connections to ${WANTED_CONNECTIONS} or more`);
}

async function createDatabases(admin: Connection, settings: Settings, report: (line: string) => void): Promise<void> {
  for (const name of DATABASE_NAMES) {
    const { database } = settings.mysql[name];
    const [result] = await admin.query<ResultSetHeader>(
      `CREATE DATABASE IF NOT EXISTS ${quoteName(database)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    );
    report(`${database}: ${result.affectedRows > 0 && result.warningStatus === 0 ? 'created' : 'is there'}`);
  }
}

/** Rows that come before there are partitions go to the catch-all, which the job `partitions` splits later. */
async function cutTables(settings: Settings, report: (line: string) => void): Promise<void> {
  try {
    const kept = await makeFirstPartitions(settings, new Date());
    report(`partitions made: ${kept.flatMap(({ added }) => added).length}`);
    for (const { leftOver } of kept) if (leftOver) report(`run by hand when nobody writes: ${leftOver}`);
  } catch (error) {
    const isPassing = error instanceof UnavailableError || PASSING.has((error as { errno?: number }).errno ?? 0);
    if (!isPassing) throw error;
    report(`warning: partitions were not made: ${(error as Error).message}`);
  }
}

/** The installation's identity, drawn once: it pairs the store's marker file with this database (I20). */
async function writeFirstData(settings: Settings, report: (line: string) => void): Promise<void> {
  const connection = await openMigrationConnection('shared', settings);
  try {
    await connection.query('INSERT IGNORE INTO store_identity (id, installation_id) VALUES (1, ?)', [randomUUID()]);
    report('first data is there');
  } finally {
    await connection.end();
  }
}

function ignore(): void {}
