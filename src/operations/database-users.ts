import type { Connection } from 'mysql2/promise';
import { DATABASE_USERS, type DatabaseUser, type Settings } from '../config/index.js';
import { DATABASE_NAMES, type DatabaseName } from '../database/index.js';

const ROWS = 'SELECT, INSERT, UPDATE, DELETE';
/** What a change of partitions asks for. */
const PARTITIONS = 'SELECT, INSERT, CREATE, ALTER, DROP';
const ROWS_AND_TABLES = `${ROWS}, CREATE, ALTER, DROP, INDEX, REFERENCES`;

/** Who may do what, and nothing else. Only the admin user has its own database whole, as installations have it. */
const GRANTS: Record<DatabaseUser, Partial<Record<DatabaseName, string>>> = {
  client: { client: ROWS, shared: 'SELECT, INSERT, UPDATE' },
  admin: { admin: 'ALL PRIVILEGES', shared: ROWS },
  shared: { shared: ROWS },
  flames: { flames: ROWS },
  migration: {
    client: ROWS_AND_TABLES,
    admin: ROWS_AND_TABLES,
    shared: ROWS_AND_TABLES,
    flames: ROWS_AND_TABLES,
  },
  maintenance: { client: PARTITIONS, admin: PARTITIONS },
};

/**
 * Makes each user or sets its password, and grants what GRANTS says. The host is `%`: the service may run anywhere,
 * and `%` holds for sockets too, as long as the server has no anonymous user (ours has none, nor have new servers).
 */
export async function grantUsers(connection: Connection, settings: Settings): Promise<void> {
  for (const user of DATABASE_USERS) {
    const { username, password } = settings.mysql[user];
    await connection.query(`CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, [username, password]);
    await connection.query(`ALTER USER ?@'%' IDENTIFIED BY ?`, [username, password]);
    for (const name of DATABASE_NAMES) {
      const rights = GRANTS[user][name];
      if (rights) await connection.query(`GRANT ${rights} ON ${pattern(settings, name)}.* TO ?@'%'`, [username]);
    }
  }
}

/** In a GRANT the name is a pattern: an `_` that is not escaped would open comfyuiXclient too. */
function pattern(settings: Settings, name: DatabaseName): string {
  return quoteName(settings.mysql[name].database.replace(/[\\_%]/g, '\\$&'));
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
