export {
  databaseToken,
  DatabaseModule,
  InjectDatabase,
  InjectOutbox,
  outboxProvider,
  outboxToken,
} from './bind-database.js';
export { beginning, containing } from './like-pattern.js';
export { isDuplicate, isPermanent, MalformedEventError } from './database-errors.js';
export { catchAllRows } from './catch-all-rows.js';
export { DatabasesHealth } from './databases-health.js';
export { DATABASE_NAMES, type DatabaseName } from './database-name.js';
export { Database, type Executor, type PoolUse, type SqlValue } from './database.js';
export { fromJson } from './json.js';
export { LeaseKeeper, type Lease } from './lease-keeper.js';
export { perRow, type SqlPart } from './per-row.js';
export { ROWS_A_STATEMENT, statementBatches } from './statement-batches.js';
export { OutboxReader, writeOutbox, type OutboxEvent, type StoredOutboxEvent } from './outbox.js';
export { CreatedAt, UpdatedAt } from './entity-columns.js';
export { OutboxColumns } from './outbox-columns.js';
export { SomeMissedError, togetherOrAlone, type Tries } from './together-or-alone.js';
export { createTable, type Migration, type MigrationStep } from './migrations/migration.js';
export { LOCK_TIMING, type LockTiming } from './migrations/migration-lock.js';
export { MigrationFailedError } from './migrations/migration-errors.js';
export { MigrationRunner, type MigrationProgress } from './migrations/migration-runner.js';
export type { MigrationState, MigrationStatus, PlannedMigration } from './migrations/plan-migrations.js';
export { MigrationLog } from './migrations/migration-log.js';
export { migrationStatuses } from './migrations/plan-migrations.js';
