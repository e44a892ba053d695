import { env } from 'node:process';
import { DataSource } from 'typeorm';
import { loadSettings, withSecrets } from '../src/config/index.js';
import { DATABASE_NAMES } from '../src/database/index.js';
import { DATA_SOURCE_OPTIONS } from './four-databases.js';

/**
 * For TypeORM's own command line, which takes one data source a file:
 * `DATABASE=shared npx typeorm schema:log -d dist/ormconfig/typeorm-cli.js`.
 */
const name = DATABASE_NAMES.find((each) => each === env.DATABASE);
if (!name) throw new Error(`DATABASE holds ${env.DATABASE ?? 'nothing'}; it may hold ${DATABASE_NAMES.join(', ')}.`);

export default new DataSource(DATA_SOURCE_OPTIONS[name](withSecrets(loadSettings({ environment: env }))));
