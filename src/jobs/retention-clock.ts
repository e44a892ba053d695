import { Inject, Injectable } from '@nestjs/common';
import { JobRunsRepository } from '../admin/index.js';
import { Clock, LOGGER, UnavailableError, type Logger } from '../common/index.js';

const MAX_DIFFERENCE_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
/** Done each minute wherever jobs run: its runs say at which times this installation was up. */
const STEADY_JOB = 'performance-metrics';
const LONGEST_PAUSE_MS = 3 * DAY_MS;

/**
 * What time it is for those who remove things (I9): nothing goes where clocks disagree. On one machine they jump
 * together, so a time counts only after a day on which jobs ran; until then it is the last such time.
 */
@Injectable()
export class RetentionClock {
  private toldOf: number | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly runs: JobRunsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async now(): Promise<Date> {
    const { now, witnessed, isSteady } = await this.look();
    if (isSteady) return now;
    const removedAt = witnessed ?? new Date(0);
    if (this.toldOf !== removedAt.getTime()) {
      this.toldOf = removedAt.getTime();
      this.tell(witnessed);
    }
    return removedAt;
  }

  /** Now, or undefined where it may be the wrong day. */
  async steadyNow(): Promise<Date | undefined> {
    const { now, isSteady } = await this.look();
    return isSteady ? now : undefined;
  }

  async daysAgo(days: number): Promise<Date> {
    return new Date((await this.now()).getTime() - days * DAY_MS);
  }

  private tell(witnessed: Date | undefined): void {
    if (!witnessed) return this.logger.info('jobs have not run for a day yet; nothing is removed until then');
    this.logger.warn(
      { lastRun: witnessed.toISOString() },
      'no job ran in the last days: the clock may have jumped, so nothing is removed that had not expired at the last run; after a day of runs all is as ever',
    );
  }

  private async look(): Promise<{ now: Date; witnessed: Date | undefined; isSteady: boolean }> {
    const now = this.clock.now();
    const differenceMs = Math.abs((await this.runs.readClock()).getTime() - now.getTime());
    if (differenceMs >= MAX_DIFFERENCE_MS) {
      throw new UnavailableError(
        `The clocks of the application and of the database differ by ${Math.round(differenceMs / 60_000)} minutes; nothing was removed. Set them right.`,
        'CLOCKS_DIFFER',
      );
    }
    const witnessed = await this.runs.findLastDone(STEADY_JOB, new Date(now.getTime() - DAY_MS));
    const isSteady = witnessed !== undefined && now.getTime() - witnessed.getTime() <= LONGEST_PAUSE_MS;
    return { now, witnessed, isSteady };
  }
}
