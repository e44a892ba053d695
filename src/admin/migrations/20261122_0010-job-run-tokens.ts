import type { Migration } from '../../database/index.js';

export const jobRunTokens: Migration = {
  version: '20261122_0010',
  name: 'job-run-tokens',
  description: 'Notes the lease under which a job ran, so that an earlier holder changes nothing; runs by status.',
  steps: () => [
    {
      up: 'ALTER TABLE job_runs ADD COLUMN lease_token bigint NOT NULL DEFAULT 0, ALGORITHM=INSTANT, LOCK=DEFAULT',
      down: 'ALTER TABLE job_runs DROP COLUMN lease_token, ALGORITHM=INSTANT, LOCK=DEFAULT',
      landed: `SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE()
               AND table_name = 'job_runs' AND column_name = 'lease_token'`,
    },
    {
      up: `ALTER TABLE job_runs ADD INDEX ix_job_runs_job_name_status_started_at (job_name, status, started_at),
             ALGORITHM=INPLACE, LOCK=NONE`,
      down: 'ALTER TABLE job_runs DROP INDEX ix_job_runs_job_name_status_started_at, ALGORITHM=INPLACE, LOCK=NONE',
      landed: `SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE()
               AND table_name = 'job_runs' AND index_name = 'ix_job_runs_job_name_status_started_at'`,
    },
  ],
};
