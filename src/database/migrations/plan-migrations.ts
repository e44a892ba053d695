import { createHash } from 'node:crypto';
import {
  MigrationBlockedError,
  MigrationEditedError,
  MigrationEmptyError,
  MigrationOutOfOrderError,
} from './migration-errors.js';
import type { MigrationRecord } from './migration-log.js';
import type { Migration } from './migration.js';

export type MigrationState = 'pending' | 'done' | 'running' | 'failed' | 'edited' | 'unknown';

/** One line of the status: a migration of this release, or one that only the database knows (`unknown`). */
export interface MigrationStatus {
  version: string;
  name: string;
  state: MigrationState;
  step: number;
  steps: number;
  finishedAt: Date | null;
  error: string | null;
}

/** A migration to run, from the first statement that is not done yet. */
export interface PlannedMigration {
  migration: Migration;
  fromStep: number;
  /** Its last run ended without a word, so nobody knows whether the statement at `fromStep` took effect. */
  wasCutOff: boolean;
}

/** Over the first `count` statements: a failed migration may be mended from where it stopped, not before. */
export function checksum(migration: Migration, count = migration.steps().length): string {
  const statements = migration.steps().slice(0, count);
  return createHash('sha256')
    .update(JSON.stringify(statements.map(({ up, unless }) => [up, unless ?? null])))
    .digest('hex');
}

/** What a run would do. Throws where the log forbids it: blocked, edited, or out of order. */
export function planMigrations(
  migrations: Migration[],
  records: MigrationRecord[],
  { outOfOrder = false }: { outOfOrder?: boolean } = {},
): PlannedMigration[] {
  const known = new Map(records.map((record) => [record.version, record]));
  const newest = records
    .map(({ version }) => version)
    .sort()
    .at(-1);
  const planned: PlannedMigration[] = [];
  for (const migration of inOrder(migrations)) {
    const record = known.get(migration.version);
    if (record) refuseUnusable(migration, record);
    if (record?.status === 'done') continue;
    if (!record && newest && migration.version < newest && !outOfOrder)
      throw new MigrationOutOfOrderError(migration.version, newest);
    if (migration.steps().length === 0) throw new MigrationEmptyError(migration.version);
    planned.push({ migration, fromStep: record?.step ?? 0, wasCutOff: record?.status === 'running' });
  }
  return planned;
}

function refuseUnusable(migration: Migration, record: MigrationRecord): void {
  if (isEdited(migration, record)) throw new MigrationEditedError(migration.version);
  if (record.status !== 'done' && !record.repairedAt)
    throw new MigrationBlockedError(record.version, record.status, record.step, record.error);
}

function isEdited(migration: Migration, record: MigrationRecord): boolean {
  const length = migration.steps().length;
  const grown = record.status === 'done' && record.step !== length;
  return grown || record.step > length || checksum(migration, record.step) !== record.checksum;
}

export function migrationStatuses(migrations: Migration[], records: MigrationRecord[]): MigrationStatus[] {
  const known = new Map(records.map((record) => [record.version, record]));
  const ours = inOrder(migrations).map((migration): MigrationStatus => {
    const { version, name } = migration;
    const record = known.get(version);
    const steps = migration.steps().length;
    if (!record) return { version, name, state: 'pending', step: 0, steps, finishedAt: null, error: null };
    const state = isEdited(migration, record) ? 'edited' : record.status;
    return { version, name, state, step: record.step, steps, finishedAt: record.finishedAt, error: record.error };
  });
  const versions = new Set(migrations.map(({ version }) => version));
  const unknown = records.filter(({ version }) => !versions.has(version));
  return [...ours, ...unknown.map((record) => ({ ...record, state: 'unknown' as const }))];
}

function inOrder(migrations: Migration[]): Migration[] {
  return [...migrations].sort((one, other) => (one.version < other.version ? -1 : 1));
}
