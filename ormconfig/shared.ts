import type { DataSourceOptions } from 'typeorm';
import type { Settings } from '../src/config/index.js';
import { SHARED_ENTITIES } from '../src/shared/entities/shared-entities.js';
import { dataSourceOptions } from './options.js';

export function sharedDataSourceOptions(settings: Settings): DataSourceOptions {
  return dataSourceOptions('shared', settings, { entities: SHARED_ENTITIES });
}
