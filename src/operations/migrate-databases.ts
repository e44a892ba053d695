import { MIGRATIONS } from '../../ormconfig/four-databases.js';
import { Clock } from '../common/index.js';
import type { Settings } from '../config/index.js';
import { MigrationRunner, type DatabaseName, type Migration } from '../database/index.js';
import { openMigrationConnection } from './open-connection.js';

/** The runner of one database, signed in as the migration user; with this release's migrations unless others are given. */
export function migrationRunner(
  name: DatabaseName,
  settings: Settings,
  migrations: Migration[] = MIGRATIONS[name],
): MigrationRunner {
  return new MigrationRunner({
    connect: () => openMigrationConnection(name, settings),
    migrations,
    clock: new Clock(),
    variables: { flames_old_times_offset: settings.flames.oldTimesOffset },
  });
}
