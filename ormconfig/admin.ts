import type { DataSourceOptions } from 'typeorm';
import type { Settings } from '../src/config/index.js';
import { ADMIN_ENTITIES } from '../src/admin/entities/admin-entities.js';
import { dataSourceOptions } from './options.js';

export function adminDataSourceOptions(settings: Settings): DataSourceOptions {
  return dataSourceOptions('admin', settings, { entities: ADMIN_ENTITIES });
}
