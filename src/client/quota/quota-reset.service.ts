import { Injectable } from '@nestjs/common';
import { dayInZone } from './day-in-zone.js';
import { QuotaResetRepository } from './quota-reset.repository.js';

const USERS_AT_ONCE = 1_000;

/**
 * Sets the counters of days that are over back. A charge does so by itself (QuotaRepository.countUp): this is for lists,
 * which show what is in the row.
 */
@Injectable()
export class QuotaResetService {
  constructor(private readonly quota: QuotaResetRepository) {}

  async reset(now: Date, signal: AbortSignal): Promise<number> {
    let reset = await this.quota.heal(dayInZone(now, 'UTC'));
    for (const timeZone of await this.quota.listZones()) {
      for (;;) {
        if (signal.aborted) return reset;
        const done = await this.quota.reset(timeZone, dayInZone(now, timeZone), USERS_AT_ONCE);
        reset += done;
        if (done < USERS_AT_ONCE) break;
      }
    }
    return reset;
  }
}
