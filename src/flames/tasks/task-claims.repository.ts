import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor, type SqlValue } from '../../database/index.js';
import { taskStatusesBefore, type FlamesTaskStatus } from './task-state.js';

/** The right to work on a task: every write of a runner names its token, and misses once another has claimed (I8). */
export interface Claim {
  taskId: string;
  token: number;
}

/** What a runner has used of its task's budget so far, claims before this one included. */
export interface Used {
  calls: number;
  tokens: number;
}

export interface HeldTask extends Claim {
  isPaused: boolean;
  isCancelRequested: boolean;
}

export interface TaskEnd {
  status: FlamesTaskStatus;
  result?: unknown;
  errorCode?: string;
  errorMessage?: string;
}

/** Another process works on the task now, or it was ended; nothing was written. */
export class LostClaimError extends Error {
  constructor({ taskId, token }: Claim) {
    super(`task ${taskId} is not this runner's any more (claim ${token})`);
    this.name = 'LostClaimError';
  }
}

const NOW = 'UTC_TIMESTAMP(3)';
const LATER = `${NOW} + INTERVAL ? MICROSECOND`;
/** A pause lets nobody begin, but a wish to cancel has to be heard. */
const CLAIMABLE = `status IN ('pending', 'running') AND (lease_until IS NULL OR lease_until < ${NOW})
  AND (paused_at IS NULL OR cancel_requested_at IS NOT NULL)`;

/** SQL of who works on which task. Times of leases are the database's own: no two clocks are compared. */
@Injectable()
export class TaskClaimsRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** What waits for a runner, oldest first; of all tasks, or whether this one does. */
  async listClaimable(limit: number, onlyTaskId: string | null = null): Promise<Claim[]> {
    const rows = await this.database.rows<{ taskId: string; token: string }>(
      `SELECT task_id AS taskId, lease_token AS token FROM task_flames
       WHERE ${CLAIMABLE} AND config IS NOT NULL AND task_id = COALESCE(?, task_id)
       ORDER BY submit_time, task_id LIMIT ?`,
      [onlyTaskId, limit],
    );
    return rows.map(({ taskId, token }) => ({ taskId, token: Number(token) }));
  }

  /** The claim, unless another was faster since `seen` was read. */
  async claim(seen: Claim, owner: string, ttlMs: number): Promise<Claim | undefined> {
    const claimed = await this.database.run(
      `UPDATE task_flames SET status = 'running', lease_owner = ?, lease_token = lease_token + 1,
         lease_until = ${LATER}, error_code = NULL, error_message = NULL
       WHERE task_id = ? AND lease_token = ? AND ${CLAIMABLE}`,
      [owner, ttlMs * 1_000, seen.taskId, seen.token],
    );
    return claimed === 1 ? { taskId: seen.taskId, token: seen.token + 1 } : undefined;
  }

  async renew(owner: string, taskIds: string[], ttlMs: number): Promise<void> {
    await this.database.run(
      `UPDATE task_flames SET lease_until = ${LATER}
       WHERE task_id IN (?) AND lease_owner = ? AND status = 'running' AND lease_until IS NOT NULL`,
      [ttlMs * 1_000, taskIds, owner],
    );
  }

  async listHeld(owner: string, taskIds: string[]): Promise<HeldTask[]> {
    const rows = await this.database.rows<{ taskId: string; token: string; paused: Date; cancelled: Date }>(
      `SELECT task_id AS taskId, lease_token AS token, paused_at AS paused, cancel_requested_at AS cancelled
       FROM task_flames WHERE task_id IN (?) AND lease_owner = ? AND status = 'running'`,
      [taskIds, owner],
    );
    return rows.map(({ taskId, token, paused, cancelled }) => ({
      taskId,
      token: Number(token),
      isPaused: paused !== null,
      isCancelRequested: cancelled !== null,
    }));
  }

  /** Lets another process go on: at once, or where there was a fault, after a while. */
  async release({ taskId, token }: Claim, used: Used, afterMs = 0): Promise<void> {
    await this.database.run(
      `UPDATE task_flames SET calls_used = ?, tokens_used = ?, lease_until = ${afterMs > 0 ? LATER : 'NULL'}
       WHERE task_id = ? AND lease_token = ? AND status = 'running'`,
      [used.calls, used.tokens, ...(afterMs > 0 ? [afterMs * 1_000] : []), taskId, token],
    );
  }

  /** Begins every transaction of a runner: holds the task's row, so that no claim comes in between. */
  async fence(transaction: Executor, claim: Claim, used: Used): Promise<void> {
    await this.hold(transaction, claim, 'calls_used = ?, tokens_used = ?', [used.calls, used.tokens]);
  }

  /** What a running task waits for, if anything; shown while it runs. */
  async noteWaiting(claim: Claim, errorCode: string | null, errorMessage: string | null): Promise<void> {
    await this.hold(this.database, claim, 'error_code = ?, error_message = ?', [errorCode, errorMessage]);
  }

  /** The end of a task, whatever it is, is the end of its keys. */
  async end(transaction: Executor, claim: Claim, { status, ...end }: TaskEnd): Promise<void> {
    const { result = null, errorCode = null, errorMessage = null } = end;
    if (!taskStatusesBefore(status).includes('running')) throw new Error(`a running task does not become ${status}`);
    await this.hold(
      transaction,
      claim,
      `status = ?, end_time = ${NOW}, result = ?, error_code = ?, error_message = ?, lease_until = NULL`,
      [status, result === null ? null : JSON.stringify(result), errorCode, errorMessage],
    );
    await transaction.run('DELETE FROM flames_task_keys WHERE task_id = ?', [claim.taskId]);
  }

  private async hold(executor: Executor, claim: Claim, set: string, values: SqlValue[]): Promise<void> {
    const { taskId, token } = claim;
    const held = await executor.run(
      `UPDATE task_flames SET ${set} WHERE task_id = ? AND lease_token = ? AND status = 'running'`,
      [...values, taskId, token],
    );
    if (held !== 1) throw new LostClaimError(claim);
  }
}
