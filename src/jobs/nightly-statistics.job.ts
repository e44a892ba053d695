import { Injectable } from '@nestjs/common';
import { Clock } from '../common/index.js';
import { StatisticsService } from '../shared/index.js';
import type { Job, JobContext, JobResult } from './job.js';

const DAYS = 31;
const DAY_MS = 86_400_000;

/** Counts the last days again: tasks that were run again, and rows that changed late, are right by the next morning. */
@Injectable()
export class NightlyStatisticsJob implements Job {
  readonly name = 'nightly-statistics';
  readonly description = `Counts the tasks of the last ${DAYS} days again.`;
  readonly schedule = '0 40 1 * * *';

  constructor(
    private readonly statistics: StatisticsService,
    private readonly clock: Clock,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const to = this.clock.now();
    return { ...(await this.statistics.countRange({ from: new Date(to.getTime() - DAYS * DAY_MS), to }, signal)) };
  }
}
