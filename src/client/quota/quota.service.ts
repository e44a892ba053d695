import { Injectable } from '@nestjs/common';
import { Clock, killPoint, TooManyError } from '../../common/index.js';
import type { Executor } from '../../database/index.js';
import { dayInZone } from './day-in-zone.js';
import {
  QuotaRepository,
  type Charge,
  type ChargedRun,
  type CountedUsers,
  type UserQuota,
} from './quota.repository.js';

export interface ChargedUser {
  clientId: string;
  timeZone: string;
}

export interface UserRun {
  user: ChargedUser;
  run: ChargedRun;
}

/** Ledger rows in one statement. */
const AT_ONCE = 1_000;

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
    const charge = this.toCharge({ user, run });
    const isRepeated = (await this.quota.insertCharges(transaction, [charge])) === 0;
    if (isRepeated || (await this.countUp(transaction, [charge]))) return killPoint('quota.charged');
    const limit = await this.quota.findLimit(transaction, user.clientId);
    throw new TooManyError(
      `Your quota of ${limit ?? 0} tasks for today is used up; it starts anew at midnight (${user.timeZone}).`,
      'QUOTA_EXCEEDED',
    );
  }

  /**
   * The same for many new runs; false where one of their users cannot have all of theirs, and nothing may be kept
   * then. Those of `listChargeable` can.
   */
  async tryCharge(transaction: Executor, runs: UserRun[]): Promise<boolean> {
    const charges = runs.map((each) => this.toCharge(each));
    if ((await this.quota.insertCharges(transaction, charges)) < charges.length) return false;
    if (!(await this.countUp(transaction, charges))) return false;
    killPoint('quota.charged');
    return true;
  }

  /**
   * The users who can be charged for all of these runs; their rows are held from now on. Unless waiting, without those
   * whose rows another transaction holds.
   */
  async listChargeable(
    transaction: Executor,
    runs: UserRun[],
    { isWaiting }: { isWaiting: boolean },
  ): Promise<Set<string>> {
    const sums = sumByUserAndDay(runs.map((each) => this.toCharge(each)));
    const clientIds = [...new Set(sums.map(({ clientId }) => clientId))];
    const quotas = await this.quota.lock(transaction, clientIds, { isWaiting });
    const byUser = new Map(quotas.map((quota) => [quota.clientId, quota]));
    return new Set(sums.filter((sum) => canHave(byUser.get(sum.clientId), sum)).map(({ clientId }) => clientId));
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

  /** Gives back all charges of the user's day of now, whose row the caller holds; the day counts anew from 0. */
  async forgiveDay(transaction: Executor, { clientId, timeZone }: ChargedUser): Promise<void> {
    const quotaDay = dayInZone(this.clock.now(), timeZone);
    const charges = await this.quota.listOpenChargesOfDay(transaction, clientId, quotaDay);
    for (let at = 0; at < charges.length; at += AT_ONCE) {
      await this.quota.insertRefunds(transaction, charges.slice(at, at + AT_ONCE));
    }
    await this.quota.countFromZero(transaction, clientId, quotaDay);
  }

  /** After the user's zone was changed, whose row the caller holds. */
  redate(transaction: Executor, { clientId, timeZone }: ChargedUser): Promise<void> {
    return this.quota.redate(transaction, clientId, dayInZone(this.clock.now(), timeZone));
  }

  private toCharge({ user: { clientId, timeZone }, run: { taskId, runNo } }: UserRun): Charge {
    return { clientId, taskId, runNo, amount: 1, quotaDay: dayInZone(this.clock.now(), timeZone) };
  }

  private async countUp(transaction: Executor, charges: Charge[]): Promise<boolean> {
    for (const users of groupByAmount(charges)) {
      if ((await this.quota.countUp(transaction, users)) < users.clientIds.length) return false;
    }
    return true;
  }
}

/** What the counter's own statement decides (QuotaRepository.countUp), seen before it. */
function canHave(quota: UserQuota | undefined, { quotaDay, amount }: Charge): boolean {
  if (!quota) return false;
  const used = quota.quotaDay === null || quota.quotaDay < quotaDay ? 0 : quota.used;
  return used + amount <= quota.quotaLimit;
}

/** The users who are charged as much each. */
function groupByAmount(charges: Charge[]): CountedUsers[] {
  const groups = new Map<string, CountedUsers>();
  for (const { clientId, quotaDay, amount } of sumByUserAndDay(charges)) {
    const group = groups.get(`${quotaDay} ${amount}`);
    if (group) group.clientIds.push(clientId);
    else groups.set(`${quotaDay} ${amount}`, { clientIds: [clientId], quotaDay, amount });
  }
  return [...groups.values()];
}

/** One charge for all of a user's day; the run that it names is any of them. */
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
