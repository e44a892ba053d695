import type { INestApplicationContext } from '@nestjs/common';
import { databaseToken, type Database } from '../../src/database/index.js';

/** As if jobs had run `hours` ago: what tells retention that the clock has not jumped. */
export async function noteSteadyRuns(app: INestApplicationContext, hours = 25): Promise<void> {
  const at = new Date(Date.now() - hours * 3_600_000);
  await app.get<Database>(databaseToken('admin'), { strict: false }).run(
    `INSERT INTO job_runs (job_name, run_key, status, owner, lease_token, started_at, finished_at)
     VALUES ('performance-metrics', ?, 'done', 'o', 1, ?, ?)`,
    [at.toISOString(), at, at],
  );
}
