import { Inject, Injectable } from '@nestjs/common';
import { AdminSessionRetentionRepository, AuditLogsRepository, JobRunsRepository } from '../admin/index.js';
import { SessionRetentionRepository } from '../client/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import type { Job, JobContext, JobResult } from './job.js';
import { paced } from './paced.js';
import { RetentionClock } from './retention-clock.js';

const ROWS_AT_ONCE = 1_000;

/** Removes old runs of jobs, old rows of the audit log, and sign-ins that are over. */
@Injectable()
export class HistoryRetentionJob implements Job {
  readonly name = 'history-retention';
  readonly description = 'Removes old runs of jobs, old rows of the audit log, and sign-ins that are over.';
  readonly schedule = '0 0 3 * * *';

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly clock: RetentionClock,
    private readonly runs: JobRunsRepository,
    private readonly audit: AuditLogsRepository,
    private readonly adminSessions: AdminSessionRetentionRepository,
    private readonly sessions: SessionRetentionRepository,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const { jobRunDays, auditDays } = this.settings.retention;
    const oldRuns = await this.clock.daysAgo(jobRunDays);
    const oldEntries = await this.clock.daysAgo(auditDays);
    // A day later: what has just expired says so to whoever uses it.
    const expired = await this.clock.daysAgo(1);
    const removeAll = (removal: (limit: number) => Promise<number>) => removeInBatches(signal, removal);
    return {
      job_runs: await removeAll((limit) => this.runs.removeBefore(oldRuns, limit)),
      audit_logs: await removeAll((limit) => this.audit.removeBefore(oldEntries, limit)),
      admin_sessions: await removeAll((limit) => this.adminSessions.removeExpired(expired, limit)),
      refresh_tokens: await removeAll((limit) => this.sessions.removeExpired('refreshTokens', expired, limit)),
      client_sessions: await removeAll((limit) => this.sessions.removeExpired('sessions', expired, limit)),
    };
  }
}

async function removeInBatches(signal: AbortSignal, removal: (limit: number) => Promise<number>): Promise<number> {
  let total = 0;
  await paced(signal, async () => {
    const removed = await removal(ROWS_AT_ONCE);
    total += removed;
    return removed === ROWS_AT_ONCE;
  });
  return total;
}
