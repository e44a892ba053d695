import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { InjectOutbox, type OutboxReader } from '../database/index.js';
import { ForgottenTasksService, TaskStatisticsService, type ForgottenStep } from '../shared/index.js';
import type { Job, JobContext, JobResult } from './job.js';
import { paced } from './paced.js';
import { RetentionClock } from './retention-clock.js';

/** Removes what the queue holds of tasks that were removed on their users' side, with the files that they made. */
@Injectable()
export class ForgottenTasksJob implements Job {
  readonly name = 'forgotten-tasks';
  readonly description = "Removes the queue's side of tasks that users' retention has removed.";
  readonly schedule = '0 45 * * * *';

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly clock: RetentionClock,
    private readonly tasks: ForgottenTasksService,
    private readonly statistics: TaskStatisticsService,
    @InjectOutbox('client') private readonly wishes: OutboxReader,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const expired = await this.clock.daysAgo(this.settings.retention.clientDataDays);
    const counted = await this.statistics.countedUntil();
    if (!counted) return { removed: 0, reason: 'The job hourly-statistics has not counted the tasks yet.' };
    const before = counted < expired ? counted : expired;
    let removed = 0;
    let after: ForgottenStep['next'];
    await paced(signal, async () => {
      const step = await this.tasks.removeSome(before, after, (ids) => this.wishes.listUnpublishedAggregates(ids));
      removed += step.removed;
      after = step.next;
      return after !== undefined;
    });
    return { removed };
  }
}
