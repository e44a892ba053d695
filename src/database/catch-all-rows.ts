import type { Executor } from './database.js';

/**
 * Rows in the last partition of each partitioned table, the one for what has no partition of its own: the server's
 * estimate, which is 0 where there are none. Where rows lie there, partitions were not made in time.
 */
export async function catchAllRows(database: Executor): Promise<{ table: string; rows: number }[]> {
  const found = await database.rows<{ tableName: string; estimate: string }>(
    `SELECT table_name AS tableName, table_rows AS estimate FROM information_schema.partitions
     WHERE table_schema = DATABASE() AND partition_description = 'MAXVALUE'`,
  );
  return found.map(({ tableName, estimate }) => ({ table: tableName, rows: Number(estimate) }));
}
