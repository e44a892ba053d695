import { Injectable } from '@nestjs/common';
import { Clock, killPoint, TooManyError } from '../../common/index.js';
import type { Executor } from '../../database/index.js';
import { dayInZone } from './day-in-zone.js';
import { QuotaRepository, type Charge, type ChargedRun, type CountedUsers } from './quota.repository.js';

export interface ChargedUser {
  clientId: string;
  timeZone: string;
}

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
  async charge(transaction: Executor, user: ChargedUser, run: ChargedRun): Promise<void> {
    if (await this.tryCharge(transaction, [{ user, run }])) return;
    const limit = await this.quota.findLimit(transaction, user.clientId);
    throw new TooManyError(
      `Your quota of ${limit ?? 0} tasks for today is used up; it starts anew at midnight (${user.timeZone}).`,
      'QUOTA_EXCEEDED',
    );
  }

  /** The same for many runs; false where one of their users cannot have all of theirs, and nothing may be kept then. */
  async tryCharge(transaction: Executor, runs: { user: ChargedUser; run: ChargedRun }[]): Promise<boolean> {
    const now = this.clock.now();
    const charges = runs.map(({ user, run: { taskId, runNo } }) => {
      return { clientId: user.clientId, taskId, runNo, amount: 1, quotaDay: dayInZone(now, user.timeZone) };
    });
    const inserted = await this.quota.insertCharges(transaction, charges);
    const isRepeated = inserted === 0 && charges.length === 1;
    if (!isRepeated) {
      if (inserted < charges.length) return false;
      for (const users of groupByAmount(charges)) {
        if ((await this.quota.countUp(transaction, users)) < users.clientIds.length) return false;
      }
    }
    killPoint('quota.charged');
    return true;
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

/** The users who are charged as much each, always in the same order: of two that charge the same ones one waits. */
function groupByAmount(charges: Charge[]): CountedUsers[] {
  const groups = new Map<string, CountedUsers>();
  const sums = sumByUserAndDay(charges).sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  for (const { clientId, quotaDay, amount } of sums) {
    const group = groups.get(`${quotaDay} ${amount}`);
    if (group) group.clientIds.push(clientId);
    else groups.set(`${quotaDay} ${amount}`, { clientIds: [clientId], quotaDay, amount });
  }
  return [...groups.values()];
}

function sumByUserAndDay<C extends Charge>(charges: C[]): C[] {
  const sums = new Map<string, C>();
  for (const charge of charges) {
    const key = `${charge.clientId} ${charge.quotaDay}`;
    const sum = sums.get(key);
    if (sum) sum.amount += charge.amount;
    else sums.set(key, { ...charge });
  }
  return [...sums.values()];
}
