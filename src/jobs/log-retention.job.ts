import { Inject, Injectable } from '@nestjs/common';
import { MetricRetentionRepository, SystemLogsRepository } from '../admin/index.js';
import { AccessLogReads } from '../client/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import type { Job, JobContext, JobResult } from './job.js';
import { paced } from './paced.js';
import { RetentionClock } from './retention-clock.js';

const ROWS_AT_ONCE = 2_000;

type Removal = (afterId: string, limit: number) => Promise<{ removed: number; lastId: string }>;

/** Removes expired rows of logs and metrics, where they share a partition with others or have none of their own. */
@Injectable()
export class LogRetentionJob implements Job {
  readonly name = 'log-retention';
  readonly description = 'Removes expired rows of logs and metrics that no dropped partition took along.';
  readonly schedule = '0 30 0 * * *';

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly clock: RetentionClock,
    private readonly systemLogs: SystemLogsRepository,
    private readonly metrics: MetricRetentionRepository,
    private readonly accessLogs: AccessLogReads,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const { accessLogDays, metricDays } = this.settings.retention;
    const today = (await this.clock.now()).toISOString().slice(0, 10);
    const requestsBefore = await this.clock.daysAgo(accessLogDays);
    const metricsBefore = await this.clock.daysAgo(metricDays);
    return {
      system_logs: await removeAll(signal, (after, limit) => this.systemLogs.removeExpired(today, after, limit)),
      client_access_logs: await removeAll(signal, (after, limit) =>
        this.accessLogs.removeBefore(requestsBefore, after, limit),
      ),
      performance_metrics: await removeAll(signal, (after, limit) =>
        this.metrics.removeBefore(metricsBefore, after, limit),
      ),
    };
  }
}

async function removeAll(signal: AbortSignal, removal: Removal): Promise<number> {
  let total = 0;
  let afterId = '0';
  await paced(signal, async () => {
    const { removed, lastId } = await removal(afterId, ROWS_AT_ONCE);
    const isLast = lastId === afterId;
    total += removed;
    afterId = lastId;
    return !isLast;
  });
  return total;
}
