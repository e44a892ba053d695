import { DataSource } from 'typeorm';
import { DATA_SOURCE_OPTIONS } from '../../ormconfig/four-databases.js';
import type { Settings } from '../config/index.js';
import type { DatabaseName } from '../database/index.js';

/**
 * The statements that would bring the tables to what the entities say; none, where migrations and entities agree.
 * Entities do not say everything: compareWithShadow looks at the rest.
 */
export async function checkDrift(name: DatabaseName, settings: Settings): Promise<string[]> {
  const dataSource = new DataSource(DATA_SOURCE_OPTIONS[name](settings));
  await dataSource.initialize();
  try {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  } finally {
    await dataSource.destroy();
  }
}
