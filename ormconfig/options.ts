import type { DataSourceOptions } from 'typeorm';
import { SettingsError, type DatabaseSettings, type Settings } from '../src/config/index.js';
import type { DatabaseName } from '../src/database/index.js';
import { SnakeNamingStrategy } from './snake-naming-strategy.js';
import { preparedDriver } from './prepared-driver.js';

export interface ServerAddress {
  host?: string;
  port?: number;
  socketPath?: string;
  ssl?: { rejectUnauthorized: true; verifyIdentity: true };
}

/** What all four data sources have in common; entities are listed, never found by a pattern. */
export function dataSourceOptions(
  name: DatabaseName,
  settings: Settings,
  { entities }: { entities: (new () => object)[] },
): DataSourceOptions {
  const { database, username, password, poolSize, maxIdle } = settings.mysql[name];
  return {
    type: settings.mysql.serverType,
    driver: preparedDriver({
      // As long as a lease outlives its silent owner, so long may a transaction; MariaDB alone has such a limit.
      idleTransactionMs: settings.mysql.serverType === 'mariadb' ? settings.dispatch.leaseTtlMs : undefined,
    }),
    ...serverAddress(name, settings.mysql[name]),
    database,
    username,
    password,
    entities,
    namingStrategy: new SnakeNamingStrategy(),
    synchronize: false,
    timezone: 'Z',
    charset: 'utf8mb4_unicode_ci',
    dateStrings: false,
    // bigint and decimal come as strings: a seed has 64 bits, a JavaScript number 53.
    supportBigNumbers: true,
    bigNumberStrings: true,
    poolSize,
    connectTimeout: 5_000,
    // TypeORM notes the caller's stack itself: the driver's own costs a submit some hundredths of its time.
    trace: false,
    extra: { maxIdle, idleTimeout: 600_000, queueLimit: 200, enableKeepAlive: true },
  };
}

/** Where the server of a database is; throws where the settings name none. */
export function serverAddress(name: DatabaseName, { host, port, socketPath, tls }: DatabaseSettings): ServerAddress {
  if (socketPath) return { socketPath };
  if (!host)
    throw new SettingsError([
      `mysql.${name}.host holds nothing: name a server there (or mysql.${name}.socket_path), ` +
        'or use `npm start` and `npm run cli`, which run a private one.',
    ]);
  // The driver checks the name in a certificate only when it is told to.
  return { host, port, ...(tls ? { ssl: { rejectUnauthorized: true, verifyIdentity: true } } : {}) };
}
