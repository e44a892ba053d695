import { Injectable } from '@nestjs/common';
import { Clock, killPoint, TooManyError } from '../../common/index.js';
import type { Executor } from '../../database/index.js';
import { dayInZone } from './day-in-zone.js';
import { QuotaRepository, type ChargedRun, type OpenCharge } from './quota.repository.js';

/** A user's limit of runs a day. Every charge and refund is in the ledger once, and the counter moves only with it. */
@Injectable()
export class QuotaService {
  constructor(
    private readonly quota: QuotaRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Charges one run, within the transaction that makes it; throws QUOTA_EXCEEDED. It comes first there: it locks
   * the user's row, and a task inserted before would hold that row shared, so that two submits at once deadlock.
   */
  async charge(transaction: Executor, user: { clientId: string; timeZone: string }, run: ChargedRun): Promise<void> {
    const today = dayInZone(this.clock.now(), user.timeZone);
    const isNew = await this.quota.insertCharge(transaction, user.clientId, run, today);
    if (!isNew || (await this.quota.countUp(transaction, user.clientId, today))) return killPoint('quota.charged');
    const limit = await this.quota.findLimit(transaction, user.clientId);
    throw new TooManyError(
      `Your quota of ${limit ?? 0} tasks for today is used up; it starts anew at midnight (${user.timeZone}).`,
      'QUOTA_EXCEEDED',
    );
  }

  /** Gives the charges of these runs back, each once; the counter of a day that is over is left alone. */
  async refund(transaction: Executor, runs: ChargedRun[]): Promise<void> {
    if (runs.length === 0) return;
    const charges = await this.quota.listOpenCharges(transaction, runs);
    if (charges.length === 0) return;
    await this.quota.insertRefunds(transaction, charges);
    killPoint('quota.refunded');
    await this.quota.countDown(transaction, sumByUserAndDay(charges));
  }
}

function sumByUserAndDay(charges: OpenCharge[]): { userRowId: string; quotaDay: string; amount: number }[] {
  const sums = new Map<string, { userRowId: string; quotaDay: string; amount: number }>();
  for (const { userRowId, quotaDay, amount } of charges) {
    const key = `${userRowId} ${quotaDay}`;
    const sum = sums.get(key) ?? { userRowId, quotaDay, amount: 0 };
    sum.amount += amount;
    sums.set(key, sum);
  }
  return [...sums.values()];
}
