import { Injectable } from '@nestjs/common';
import { Clock, InvalidInputError } from '../common/index.js';
import { readMoment, StatisticsService, type TimeRange } from '../shared/index.js';
import type { Job, JobContext, JobResult } from './job.js';

/** Counts tasks by hour, day and user; by hand any range again, as far as its tasks are still there. */
@Injectable()
export class HourlyStatisticsJob implements Job {
  readonly name = 'hourly-statistics';
  readonly description =
    'Counts tasks by hour, day and user. Options: from and to (2026-11-01, or a time) count a range anew.';
  readonly schedule = '0 2 * * * *';
  /** The first time, or a range by hand, may be years. */
  readonly timeLimitMs = 6 * 3_600_000;

  constructor(
    private readonly statistics: StatisticsService,
    private readonly clock: Clock,
  ) {}

  checkOptions(options: Record<string, string>): void {
    this.readRange(options);
  }

  async run({ signal, options }: JobContext): Promise<JobResult> {
    const range = this.readRange(options);
    return { ...(await (range ? this.statistics.countRange(range, signal) : this.statistics.countRecent(signal))) };
  }

  private readRange({ from, to, ...others }: Record<string, string>): TimeRange | undefined {
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) {
      const message = `The job ${this.name} knows no option ${unknown}, only from and to.`;
      throw new InvalidInputError([{ field: `options.${unknown}`, message }], 'JOB_OPTION_UNKNOWN');
    }
    if (from === undefined && to === undefined) return undefined;
    if (from === undefined) throw new InvalidInputError([{ field: 'from', message: 'to needs a from.' }]);
    const range = {
      from: readMoment(from, 'from'),
      to: to === undefined ? this.clock.now() : readMoment(to, 'to'),
    };
    if (range.from < range.to) return range;
    throw new InvalidInputError([{ field: 'from', message: 'from has to lie before to, and in the past.' }]);
  }
}
