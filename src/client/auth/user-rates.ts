import { Inject, Injectable } from '@nestjs/common';
import { Clock, RateWindows } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';

/** Stops the flood of one user, however many addresses and tokens it comes by. */
@Injectable()
export class UserRates {
  private readonly windows: RateWindows;

  constructor(
    clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.windows = new RateWindows(clock, 60_000);
  }

  /** Counts one request; throws 429 where it is one too many. */
  count(clientId: string): void {
    this.windows.count(clientId, this.settings.limits.requestsPerUser);
  }
}
