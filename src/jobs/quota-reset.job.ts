import { Injectable } from '@nestjs/common';
import { QuotaResetService } from '../client/index.js';
import type { Job, JobContext, JobResult } from './job.js';

/** Sets users' counters back when their day is over; zones differ by quarters of an hour. */
@Injectable()
export class QuotaResetJob implements Job {
  readonly name = 'quota-reset';
  readonly description = "Sets users' quota counters back when their day is over.";
  readonly schedule = '5 0,15,30,45 * * * *';

  constructor(private readonly quota: QuotaResetService) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    return { reset: await this.quota.reset(signal) };
  }
}
