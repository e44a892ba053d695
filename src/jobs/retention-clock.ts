import { Injectable } from '@nestjs/common';
import { JobRunsRepository } from '../admin/index.js';
import { Clock, UnavailableError } from '../common/index.js';

const MAX_DIFFERENCE_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

/** What time it is for those who remove things: nothing goes where clocks disagree (I9). */
@Injectable()
export class RetentionClock {
  constructor(
    private readonly clock: Clock,
    private readonly runs: JobRunsRepository,
  ) {}

  async now(): Promise<Date> {
    const now = this.clock.now();
    const differenceMs = Math.abs((await this.runs.readClock()).getTime() - now.getTime());
    if (differenceMs < MAX_DIFFERENCE_MS) return now;
    throw new UnavailableError(
      `The clocks of the application and of the database differ by ${Math.round(differenceMs / 60_000)} minutes; nothing was removed. Set them right.`,
      'CLOCKS_DIFFER',
    );
  }

  async daysAgo(days: number): Promise<Date> {
    return new Date((await this.now()).getTime() - days * DAY_MS);
  }
}
