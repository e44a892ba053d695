import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';
import { serverAddress } from '../../ormconfig/options.js';
import { UnavailableError } from '../common/index.js';
import type { Settings } from '../config/index.js';
import type { DatabaseName } from '../database/index.js';

/** What an operator can do about a sign-in that failed, by the driver's code. */
const CURES: Record<string, string> = {
  ECONNREFUSED: 'Start the server, or correct its address in the settings.',
  ENOENT: 'Start the server, or correct its socket path in the settings.',
  ENOTFOUND: 'Correct the host name in the settings.',
  ETIMEDOUT: 'Check the address and the network between here and the server.',
  ER_ACCESS_DENIED_ERROR:
    'Run `npm run cli -- db:init`, which makes the users and sets their passwords, or correct the settings.',
  ER_DBACCESS_DENIED_ERROR: 'Run `npm run cli -- db:init`, which gives the users their rights.',
  ER_BAD_DB_ERROR: 'Run `npm run cli -- db:init`, which makes the databases.',
  ER_CON_COUNT_ERROR: 'Raise max_connections on the server (300 or more).',
};

/** A connection of its own, outside the application's pools, as the user that the module itself uses. */
export function openRuntimeConnection(name: DatabaseName, settings: Settings): Promise<Connection> {
  const { username, password } = settings.mysql[name];
  return openOn(name, settings, { user: username, password });
}

/** The same as the migration user, who alone may change tables. */
export function openMigrationConnection(name: DatabaseName, settings: Settings): Promise<Connection> {
  const { username, password } = settings.mysql.migration;
  return openOn(name, settings, { user: username, password });
}

/** The same as the maintenance user, who changes partitions. */
export function openMaintenanceConnection(name: DatabaseName, settings: Settings): Promise<Connection> {
  const { username, password } = settings.mysql.maintenance;
  return openOn(name, settings, { user: username, password });
}

/** As a server administrator, without a default database unless told; `dsn` is `mysql://user:password@host:port/?socketPath=…`. */
export function openAdminConnection(dsn: string, database?: string): Promise<Connection> {
  return open({ uri: dsn, ...(database ? { database } : {}) }, 'the database server named by DB_ADMIN_DSN', {
    ...CURES,
    ER_ACCESS_DENIED_ERROR: 'Correct the user or the password in DB_ADMIN_DSN.',
  });
}

function openOn(name: DatabaseName, settings: Settings, credentials: { user: string; password: string }) {
  const { database } = settings.mysql[name];
  const options = { ...serverAddress(name, settings.mysql[name]), ...credentials, database };
  return open(options, `database ${database} as ${credentials.user}`);
}

async function open(options: ConnectionOptions, target: string, cures = CURES): Promise<Connection> {
  try {
    return await createConnection({ ...options, charset: 'utf8mb4_unicode_ci', timezone: 'Z', connectTimeout: 5_000 });
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    const cure = cures[code] ?? '';
    throw new UnavailableError(`Cannot reach ${target}: ${message || code}. ${cure}`.trim(), 'DATABASE_UNREACHABLE', {
      cause: error,
    });
  }
}
