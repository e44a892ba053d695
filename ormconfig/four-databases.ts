import type { DataSourceOptions } from 'typeorm';
import { ADMIN_MIGRATIONS } from '../src/admin/migrations/admin-migrations.js';
import { CLIENT_MIGRATIONS } from '../src/client/migrations/client-migrations.js';
import type { Settings } from '../src/config/index.js';
import type { DatabaseName, Migration } from '../src/database/index.js';
import { FLAMES_MIGRATIONS } from '../src/flames/migrations/flames-migrations.js';
import { SHARED_MIGRATIONS } from '../src/shared/migrations/shared-migrations.js';
import { adminDataSourceOptions } from './admin.js';
import { clientDataSourceOptions } from './client.js';
import { flamesDataSourceOptions } from './flames.js';
import { sharedDataSourceOptions } from './shared.js';

/** For work on all four databases, which needs no module of the application. */
export const DATA_SOURCE_OPTIONS: Record<DatabaseName, (settings: Settings) => DataSourceOptions> = {
  client: clientDataSourceOptions,
  admin: adminDataSourceOptions,
  shared: sharedDataSourceOptions,
  flames: flamesDataSourceOptions,
};

export const MIGRATIONS: Record<DatabaseName, Migration[]> = {
  client: CLIENT_MIGRATIONS,
  admin: ADMIN_MIGRATIONS,
  shared: SHARED_MIGRATIONS,
  flames: FLAMES_MIGRATIONS,
};
