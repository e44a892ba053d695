import { Injectable } from '@nestjs/common';
import { QuotaResetService } from '../client/index.js';
import type { Job, JobContext, JobResult } from './job.js';
import { RetentionClock } from './retention-clock.js';

/** Sets users' counters back when their day is over; zones differ by quarters of an hour. */
@Injectable()
export class QuotaResetJob implements Job {
  readonly name = 'quota-reset';
  readonly description = "Sets users' quota counters back when their day is over.";
  readonly schedule = '5 0,15,30,45 * * * *';

  constructor(
    private readonly quota: QuotaResetService,
    private readonly clock: RetentionClock,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const now = await this.clock.steadyNow();
    // A charge of a new day sets its counter back by itself: nobody waits for this.
    if (!now) return { reset: 0, reason: 'No job ran in the last days: the clock may have jumped.' };
    return { reset: await this.quota.reset(now, signal) };
  }
}
