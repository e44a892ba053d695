export { checkDrift } from './check-drift.js';
export { compareWithShadow, type ShadowComparison } from './compare-with-shadow.js';
export { createMigration } from './create-migration.js';
export { databaseStatus, type DatabaseStatus, type TableStatus } from './database-status.js';
export { initialiseDatabases, type InitialiseOptions } from './initialise-databases.js';
export { migrationRunner } from './migrate-databases.js';
export { planMigrationRun, rehearseMigrations } from './plan-migration-run.js';
export { keepPartitions, type KeptPartitions } from './partition-keeper.js';
