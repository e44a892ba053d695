import { Injectable } from '@nestjs/common';
import type { Executor } from '../../database/index.js';

/** One run of a task: what is charged, and given back at most once. */
export interface ChargedRun {
  taskId: string;
  runNo: number;
}

export interface Charge extends ChargedRun {
  clientId: string;
  amount: number;
  /** `YYYY-MM-DD` in the user's zone. */
  quotaDay: string;
}

export interface UserQuota {
  clientId: string;
  used: number;
  /** The day that `used` counts; null before the first charge. */
  quotaDay: string | null;
  quotaLimit: number;
}

/** Users who are charged as much each, on the same day. */
export interface CountedUsers {
  clientIds: string[];
  quotaDay: string;
  amount: number;
}

export interface OpenCharge extends Charge {
  userRowId: string;
}

/** All SQL of the ledger and of the counter on `client_users` (I18). */
@Injectable()
export class QuotaRepository {
  /** The counters of these users, held until the transaction ends; unless waiting, of those that nobody else holds. */
  lock(executor: Executor, clientIds: string[], { isWaiting }: { isWaiting: boolean }): Promise<UserQuota[]> {
    return executor.rows(
      `SELECT client_id AS clientId, quota_used AS used, DATE_FORMAT(quota_reset_date, '%Y-%m-%d') AS quotaDay,
         quota_limit AS quotaLimit
       FROM client_users WHERE client_id IN (?) AND is_active = 1 ORDER BY client_id FOR UPDATE${isWaiting ? '' : ' SKIP LOCKED'}`,
      [clientIds],
    );
  }

  /** How many of these runs were not charged before. */
  insertCharges(executor: Executor, charges: Charge[]): Promise<number> {
    return executor.run(
      'INSERT IGNORE INTO quota_ledger (client_id, task_id, run_no, kind, amount, quota_day) VALUES ?',
      [charges.map((charge) => ledgerRow(charge, 'charge'))],
    );
  }

  /** So many more for each of these users and this day, never above the limit; a new day starts at 0. How many have them. */
  countUp(executor: Executor, { clientIds, quotaDay, amount }: CountedUsers): Promise<number> {
    const usedToday = 'IF(quota_reset_date IS NULL OR quota_reset_date < ?, 0, quota_used)';
    return executor.run(
      `UPDATE client_users
       SET quota_used = ${usedToday} + ?, quota_reset_date = GREATEST(COALESCE(quota_reset_date, ?), ?)
       WHERE client_id IN (?) AND is_active = 1 AND ${usedToday} + ? <= quota_limit`,
      [quotaDay, amount, quotaDay, quotaDay, clientIds, quotaDay, amount],
    );
  }

  async findLimit(executor: Executor, clientId: string): Promise<number | undefined> {
    const [row] = await executor.rows<{ quotaLimit: number }>(
      'SELECT quota_limit AS quotaLimit FROM client_users WHERE client_id = ?',
      [clientId],
    );
    return row?.quotaLimit;
  }

  /** Charges of these runs that were not given back; locked, so that of two refunds at once one finds nothing. */
  async listOpenCharges(executor: Executor, runs: ChargedRun[]): Promise<OpenCharge[]> {
    return executor.rows(
      `SELECT u.id AS userRowId, c.client_id AS clientId, c.task_id AS taskId, c.run_no AS runNo, c.amount,
              DATE_FORMAT(c.quota_day, '%Y-%m-%d') AS quotaDay
       FROM quota_ledger c
       JOIN client_users u ON u.client_id = c.client_id
       LEFT JOIN quota_ledger r ON r.task_id = c.task_id AND r.run_no = c.run_no AND r.kind = 'refund'
       WHERE c.task_id IN (?) AND (c.task_id, c.run_no) IN (?) AND c.kind = 'charge' AND r.id IS NULL
       ORDER BY c.id FOR UPDATE`,
      [runs.map(({ taskId }) => taskId), runs.map(({ taskId, runNo }) => [taskId, runNo])],
    );
  }

  /** The same of one user's day. */
  async listOpenChargesOfDay(executor: Executor, clientId: string, quotaDay: string): Promise<OpenCharge[]> {
    return executor.rows(
      `SELECT u.id AS userRowId, c.client_id AS clientId, c.task_id AS taskId, c.run_no AS runNo, c.amount,
              DATE_FORMAT(c.quota_day, '%Y-%m-%d') AS quotaDay
       FROM quota_ledger c
       JOIN client_users u ON u.client_id = c.client_id
       LEFT JOIN quota_ledger r ON r.task_id = c.task_id AND r.run_no = c.run_no AND r.kind = 'refund'
       WHERE c.client_id = ? AND c.quota_day = ? AND c.kind = 'charge' AND r.id IS NULL
       ORDER BY c.id FOR UPDATE`,
      [clientId, quotaDay],
    );
  }

  /** For a day all of whose charges were given back. */
  async countFromZero(executor: Executor, clientId: string, quotaDay: string): Promise<void> {
    await executor.run('UPDATE client_users SET quota_used = 0 WHERE client_id = ? AND quota_reset_date = ?', [
      clientId,
      quotaDay,
    ]);
  }

  /**
   * For a user whose clock went back over midnight: what was counted for a day that is not there yet is of today, in
   * the ledger and so in the counter. Otherwise neither a refund nor a reset would find it.
   */
  async redate(executor: Executor, clientId: string, today: string): Promise<void> {
    const moved = await executor.run(
      'UPDATE client_users SET quota_reset_date = ? WHERE client_id = ? AND quota_reset_date > ?',
      [today, clientId, today],
    );
    if (moved === 0) return;
    await executor.run('UPDATE quota_ledger SET quota_day = ? WHERE client_id = ? AND quota_day > ?', [
      ...[today, clientId, today],
    ]);
    await executor.run(
      `UPDATE client_users SET quota_used = (
         SELECT COALESCE(SUM(IF(kind = 'charge', amount, -amount)), 0) FROM quota_ledger
         WHERE client_id = ? AND quota_day = ?)
       WHERE client_id = ?`,
      [clientId, today, clientId],
    );
  }

  async insertRefunds(executor: Executor, charges: OpenCharge[]): Promise<void> {
    await executor.run('INSERT INTO quota_ledger (client_id, task_id, run_no, kind, amount, quota_day) VALUES ?', [
      charges.map((charge) => ledgerRow(charge, 'refund')),
    ]);
  }

  /** Moves the counters of many users at once, each only while it still counts the charged day. */
  async countDown(
    executor: Executor,
    counts: { userRowId: string; quotaDay: string; amount: number }[],
  ): Promise<void> {
    const row = 'SELECT ? AS id, ? AS amount, CAST(? AS DATE) AS quota_day';
    await executor.run(
      `UPDATE client_users u JOIN (${counts.map(() => row).join(' UNION ALL ')}) r
         ON r.id = u.id AND r.quota_day = u.quota_reset_date
       SET u.quota_used = GREATEST(u.quota_used - r.amount, 0)`,
      counts.flatMap(({ userRowId, amount, quotaDay }) => [Number(userRowId), amount, quotaDay]),
    );
  }
}

function ledgerRow({ clientId, taskId, runNo, amount, quotaDay }: Charge, kind: 'charge' | 'refund') {
  return [clientId, taskId, runNo, kind, amount, quotaDay];
}
