import { contentHash } from '../../common/index.js';
import { dayInZone } from '../quota/day-in-zone.js';
import type { AccountRow } from './accounts.repository.js';

/** An account as it is now: a counter of an earlier day is 0. */
export interface Account extends Omit<AccountRow, 'isActive' | 'quotaDay'> {
  isActive: boolean;
  quotaDay: string;
  /** Of what admins may change, so that of two who do so at once one is told. */
  version: string;
}

export function toAccount(row: AccountRow, now: Date): Account {
  const today = dayInZone(now, row.timeZone);
  const isToday = row.quotaDay !== null && row.quotaDay >= today;
  const isActive = row.isActive === 1;
  const { nickname, quotaLimit, timeZone } = row;
  return {
    ...row,
    isActive,
    quotaUsed: isToday ? row.quotaUsed : 0,
    quotaDay: isToday ? row.quotaDay! : today,
    version: contentHash({ nickname, isActive, quotaLimit, timeZone }).slice(0, 16),
  };
}
