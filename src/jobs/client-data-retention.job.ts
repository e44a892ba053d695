import { Inject, Injectable } from '@nestjs/common';
import { TaskRetentionService, type RemovalStep } from '../client/index.js';
import { LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { InjectOutbox, type OutboxReader } from '../database/index.js';
import { TaskStatisticsService } from '../shared/index.js';
import type { Job, JobContext, JobResult } from './job.js';
import { paced } from './paced.js';
import { RetentionClock } from './retention-clock.js';

const ENDED = ['completed', 'failed', 'cancelled'] as const;

/** Removes users' tasks that ended long ago, with all that belongs to them. */
@Injectable()
export class ClientDataRetentionJob implements Job {
  readonly name = 'client-data-retention';
  readonly description = "Removes users' tasks that ended long ago.";
  readonly schedule = '0 15 2 * * *';

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly clock: RetentionClock,
    private readonly tasks: TaskRetentionService,
    private readonly statistics: TaskStatisticsService,
    @InjectOutbox('shared') private readonly states: OutboxReader,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const { clientDataDays } = this.settings.retention;
    if (clientDataDays === 0) return { removed: 0, reason: 'retention.client_data_days is 0: tasks stay for ever.' };
    const before = await this.findBoundary(clientDataDays);
    if (!before) return { removed: 0, reason: 'The job hourly-statistics has not counted the tasks yet.' };
    let removed = 0;
    for (const status of ENDED) {
      let after: RemovalStep['next'];
      await paced(signal, async () => {
        const step = await this.tasks.removeSome({ status, before, after }, (ids) =>
          this.states.listUnpublishedAggregates(ids),
        );
        removed += step.removed;
        after = step.next;
        return after !== undefined;
      });
    }
    if (removed > 0) this.logger.info({ job: this.name, removed, before }, 'old tasks of users removed');
    return { removed, before: before.toISOString() };
  }

  /** Never later than what has been counted: a task that is gone is counted by nobody. */
  private async findBoundary(days: number): Promise<Date | undefined> {
    const before = await this.clock.daysAgo(days);
    const counted = await this.statistics.countedUntil();
    return counted && counted < before ? counted : counted && before;
  }
}
