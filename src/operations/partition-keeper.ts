import { setTimeout } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { UnavailableError } from '../common/index.js';
import type { Settings } from '../config/index.js';
import { quoteName } from './database-users.js';
import { openMaintenanceConnection } from './open-connection.js';
import {
  CATCH_ALL,
  partitionedTables,
  planPartitions,
  type Partition,
  type PartitionedTable,
} from './partition-plan.js';

export interface KeepingTimes {
  now: Date;
  /** Earlier than now where the clock may have jumped: what is dropped, and what is added behind others, goes by it. */
  sureNow: Date;
}

export interface KeptPartitions {
  table: string;
  added: string[];
  dropped: string[];
  /** Rows for which no partition was there when they were written; counted up to a limit. */
  catchAllRows: number;
  /** What an operator has to run when nobody writes: the catch-all is too full to be split beside others. */
  leftOver?: string;
}

const TRIES = 30;
/**
 * Every waiting ALTER holds up all writers behind it, so it does not wait for a table that is in use (MySQL waits for
 * a second at least); of one that always is, it waits for a moment in its last tries (MariaDB: twice this).
 */
const LOCK_WAIT_SECONDS = { atFirst: 0, atLast: 1 };
const LAST_TRIES = 5;
const LOCK_WAIT_TIMEOUT = 1205;
/** Between two statements: three times as long as the one before took. */
const REST = 3;
const LONGEST_PAUSE_MS = 1_000;
const COUNTED = 1_000_000;
/** Splitting copies them while writers wait; log-retention makes them fewer. */
const MOST_COPIED = 100_000;
const MAX_CLOCK_DIFFERENCE_MS = 5 * 60_000;

/**
 * Makes the partitions of log tables ahead and drops those whose rows have all expired, as the maintenance user. Each
 * statement is a step of its own: a keeper that was cut off goes on with the rest.
 */
export async function keepPartitions(
  settings: Settings,
  times: KeepingTimes,
  signal?: AbortSignal,
): Promise<KeptPartitions[]> {
  const kept: KeptPartitions[] = [];
  for (const table of partitionedTables(settings)) {
    if (signal?.aborted) break;
    const connection = await openAsMaintainer(table, settings);
    try {
      await checkClock(connection, times.now);
      kept.push(await keepTable(connection, table, times, signal));
    } finally {
      await connection.end();
    }
  }
  return kept;
}

/** Makes the partitions of tables that have none yet, and leaves all others as they are. */
export function makeFirstPartitions(settings: Settings, now: Date): Promise<KeptPartitions[]> {
  return keepPartitions(settings, { now, sureNow: new Date(0) });
}

async function openAsMaintainer({ database }: PartitionedTable, settings: Settings): Promise<Connection> {
  try {
    return await openMaintenanceConnection(database, settings);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const message = `Partitions cannot be made or dropped, rows stay where they are. ${error.message}`;
    throw new UnavailableError(message, error.code, { cause: error });
  }
}

/** A clock that jumped ahead would drop what is still needed (I9). */
async function checkClock(connection: Connection, now: Date): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT UTC_TIMESTAMP(3) AS now');
  if (Math.abs((row!.now as Date).getTime() - now.getTime()) < MAX_CLOCK_DIFFERENCE_MS) return;
  throw new UnavailableError(
    'The clocks of the application and of the database differ by more than five minutes; nothing was changed. Set them right.',
    'CLOCKS_DIFFER',
  );
}

async function keepTable(
  connection: Connection,
  partitioned: PartitionedTable,
  { now, sureNow }: KeepingTimes,
  signal: AbortSignal | undefined,
): Promise<KeptPartitions> {
  const { table, cutBy } = partitioned;
  const alter = (change: string, isCopying = false) =>
    alterPatiently(connection, `ALTER TABLE ${quoteName(table)} ${change}`, { isCopying, signal });
  const existing = await listPartitions(connection, table);
  const isNew = existing.every(({ end }) => end === undefined);
  const { toAdd, toDrop } = planPartitions(partitioned, existing, isNew ? now : sureNow);
  const kept: KeptPartitions = { table, added: [], dropped: [], catchAllRows: await countCatchAll(connection, table) };
  // First the old: dropping takes a moment however many rows go, and splitting copies those of the catch-all.
  for (const name of toDrop) {
    if (signal?.aborted) return kept;
    await alter(`DROP PARTITION ${quoteName(name)}`);
    kept.dropped.push(name);
  }
  // One by one each takes a moment, in which writers wait. Rows in the catch-all would be copied each time; a new table
  // has few writers, if any.
  const isOneStep = toAdd.length > 0 && (isNew || kept.catchAllRows > 0);
  const steps = isOneStep ? [toAdd] : toAdd.map((each) => [each]);
  for (const step of steps) {
    if (signal?.aborted) return kept;
    const parts = step.map(({ name, end }) => `PARTITION ${quoteName(name)} VALUES LESS THAN (${bound(cutBy, end)})`);
    const change = `REORGANIZE PARTITION ${CATCH_ALL} INTO (${parts.join(', ')}, PARTITION ${CATCH_ALL} VALUES LESS THAN (MAXVALUE))`;
    if (kept.catchAllRows > MOST_COPIED) return { ...kept, leftOver: `ALTER TABLE ${quoteName(table)} ${change};` };
    await alter(change, kept.catchAllRows > 0);
    kept.added.push(...step.map(({ name }) => name));
  }
  return kept;
}

async function listPartitions(connection: Connection, table: string): Promise<Partition[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT PARTITION_NAME AS name, PARTITION_DESCRIPTION AS description FROM information_schema.partitions
     WHERE table_schema = DATABASE() AND table_name = ? AND PARTITION_NAME IS NOT NULL ORDER BY PARTITION_ORDINAL_POSITION`,
    [table],
  );
  return rows.map(({ name, description }) => {
    const [day] = /\d{4}-\d{2}-\d{2}/.exec(String(description)) ?? [];
    return { name: String(name), end: day === undefined ? undefined : new Date(`${day}T00:00:00Z`) };
  });
}

async function countCatchAll(connection: Connection, table: string): Promise<number> {
  const [[row]] = await connection.query<RowDataPacket[]>(
    `SELECT COUNT(*) AS number FROM (SELECT 1 FROM ${quoteName(table)} PARTITION (${CATCH_ALL}) LIMIT ${COUNTED}) found`,
  );
  return Number(row!.number);
}

function bound(cutBy: PartitionedTable['cutBy'], end: Date): string {
  const day = end.toISOString().slice(0, 10);
  return cutBy === 'date' ? `'${day}'` : `'${day} 00:00:00.000'`;
}

/** Gives way to whoever uses the table, and comes again; it ends nobody's statement. Afterwards writers have their turn. */
async function alterPatiently(
  connection: Connection,
  sql: string,
  { isCopying, signal }: { isCopying: boolean; signal: AbortSignal | undefined },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    // What was copied would be copied again.
    const isPatient = isCopying || attempt > TRIES - LAST_TRIES;
    const setWait = (seconds: number) => connection.query(`SET SESSION lock_wait_timeout = ${seconds}`);
    if (isPatient) await setWait(LOCK_WAIT_SECONDS.atLast);
    else await setWait(LOCK_WAIT_SECONDS.atFirst).catch(() => setWait(LOCK_WAIT_SECONDS.atLast));
    const startedAt = performance.now();
    try {
      await connection.query(sql);
      await pause(Math.min(LONGEST_PAUSE_MS, REST * (performance.now() - startedAt)), signal);
      return;
    } catch (error) {
      const isBusy = (error as { errno?: number }).errno === LOCK_WAIT_TIMEOUT;
      if (!isBusy || attempt === TRIES || signal?.aborted) throw error;
      await pause(100 + Math.random() * 80 * attempt, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
}
