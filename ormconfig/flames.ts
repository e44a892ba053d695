import type { DataSourceOptions } from 'typeorm';
import type { Settings } from '../src/config/index.js';
import { FLAMES_ENTITIES } from '../src/flames/entities/flames-entities.js';
import { dataSourceOptions } from './options.js';

export function flamesDataSourceOptions(settings: Settings): DataSourceOptions {
  return dataSourceOptions('flames', settings, { entities: FLAMES_ENTITIES });
}
