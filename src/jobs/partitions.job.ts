import { Inject, Injectable } from '@nestjs/common';
import { Clock, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { keepPartitions } from '../operations/index.js';
import type { Job, JobContext, JobResult } from './job.js';
import { RetentionClock } from './retention-clock.js';

/** Makes partitions of log tables ahead, and drops those whose rows have expired. */
@Injectable()
export class PartitionsJob implements Job {
  readonly name = 'partitions';
  readonly description = 'Makes partitions of log tables ahead, and drops those whose rows have expired.';
  readonly schedule = '0 10 0 * * *';

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly retention: RetentionClock,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const tables = await keepPartitions(
      this.settings,
      { now: this.clock.now(), sureNow: await this.retention.now() },
      signal,
    );
    const catchAllRows = Object.fromEntries(tables.map(({ table, catchAllRows: rows }) => [table, rows]));
    if (Object.values(catchAllRows).some((rows) => rows > 0)) {
      this.logger.warn(
        { job: this.name, catchAllRows },
        'rows were written for which no partition was made ahead; has this job not run for a week?',
      );
    }
    const leftOver = Object.fromEntries(tables.flatMap(({ table, leftOver: sql }) => (sql ? [[table, sql]] : [])));
    return {
      partitions_added: count(tables.map(({ added }) => added)),
      partitions_dropped: count(tables.map(({ dropped }) => dropped)),
      partition_catch_all_rows: catchAllRows,
      ...(Object.keys(leftOver).length > 0 ? { run_by_hand: leftOver } : {}),
    };
  }
}

function count(lists: string[][]): number {
  return lists.flat().length;
}
