import type { DataSourceOptions } from 'typeorm';
import type { Settings } from '../src/config/index.js';
import { CLIENT_ENTITIES } from '../src/client/entities/client-entities.js';
import { dataSourceOptions } from './options.js';

export function clientDataSourceOptions(settings: Settings): DataSourceOptions {
  return dataSourceOptions('client', settings, { entities: CLIENT_ENTITIES });
}
