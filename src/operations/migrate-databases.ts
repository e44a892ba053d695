import { MIGRATIONS } from '../../ormconfig/four-databases.js';
import { Clock } from '../common/index.js';
import type { Settings } from '../config/index.js';
import { MigrationRunner, type DatabaseName } from '../database/index.js';
import { openMigrationConnection } from './open-connection.js';

/** The runner of one database, signed in as the migration user. */
export function migrationRunner(name: DatabaseName, settings: Settings): MigrationRunner {
  return new MigrationRunner({
    connect: () => openMigrationConnection(name, settings),
    migrations: MIGRATIONS[name],
    clock: new Clock(),
  });
}
