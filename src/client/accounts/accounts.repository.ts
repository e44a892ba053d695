import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { InjectDatabase, type Database, type Executor, type SqlValue } from '../../database/index.js';

/** An account as admins see it; the counter is that of `quotaDay`, which may be over. */
export interface AccountRow {
  clientId: string;
  username: string | null;
  nickname: string | null;
  isActive: number;
  quotaLimit: number;
  quotaUsed: number;
  quotaDay: string | null;
  timeZone: string;
  createdAt: Date;
  lastAccessAt: Date | null;
}

export interface AccountFilter {
  search?: string | undefined;
  isActive?: boolean | undefined;
  order: 'created' | 'last_access' | 'use';
  limit: number;
  offset: number;
}

export interface AccountChanges {
  nickname?: string | undefined;
  isActive?: boolean | undefined;
  quotaLimit?: number | undefined;
  timeZone?: string | undefined;
}

export interface SessionRow {
  sessionId: string;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: Date;
  lastSeenAt: Date | null;
  expiresAt: Date;
}

export interface StoredFiles {
  files: number;
  bytes: number;
}

const COLUMNS = `client_id AS clientId, username, nickname, is_active AS isActive, quota_limit AS quotaLimit,
  quota_used AS quotaUsed, DATE_FORMAT(quota_reset_date, '%Y-%m-%d') AS quotaDay, time_zone AS timeZone,
  created_at AS createdAt, last_access_at AS lastAccessAt`;

const ORDERS: Record<AccountFilter['order'], string> = {
  created: 'created_at DESC, id DESC',
  last_access: 'last_access_at DESC, id DESC',
  use: 'quota_used DESC, id DESC',
};

const CHANGED: Record<keyof AccountChanges, string> = {
  nickname: 'nickname',
  isActive: 'is_active',
  quotaLimit: 'quota_limit',
  timeZone: 'time_zone',
};

const MOST_SESSIONS = 100;

/** SQL of users' accounts for those who look after them. */
@Injectable()
export class AccountsRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async list(filter: AccountFilter): Promise<Page<AccountRow>> {
    const { where, values } = conditionsOf(filter);
    const [items, [counted]] = await Promise.all([
      this.database.rows<AccountRow>(
        `SELECT ${COLUMNS} FROM client_users WHERE ${where} ORDER BY ${ORDERS[filter.order]} LIMIT ? OFFSET ?`,
        [...values, filter.limit, filter.offset],
      ),
      this.database.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM client_users WHERE ${where}`, values),
    ]);
    return { items, total: Number(counted?.n ?? 0) };
  }

  async find(clientId: string, executor: Executor = this.database): Promise<AccountRow | undefined> {
    const [row] = await executor.rows<AccountRow>(`SELECT ${COLUMNS} FROM client_users WHERE client_id = ?`, [
      clientId,
    ]);
    return row;
  }

  /** Held until the transaction ends: charges wait. */
  async lock(executor: Executor, clientId: string): Promise<AccountRow | undefined> {
    const [row] = await executor.rows<AccountRow>(
      `SELECT ${COLUMNS} FROM client_users WHERE client_id = ? FOR UPDATE`,
      [clientId],
    );
    return row;
  }

  async findClientId(nameOrId: string): Promise<string | undefined> {
    const [row] = await this.database.rows<{ clientId: string }>(
      `SELECT client_id AS clientId FROM client_users WHERE username = ? OR client_id = ?
       ORDER BY client_id = ? DESC LIMIT 1`,
      [nameOrId, nameOrId, nameOrId],
    );
    return row?.clientId;
  }

  async listNames(clientIds: string[]): Promise<Map<string, string>> {
    if (clientIds.length === 0) return new Map();
    const rows = await this.database.rows<{ clientId: string; username: string }>(
      'SELECT client_id AS clientId, username FROM client_users WHERE client_id IN (?) AND username IS NOT NULL',
      [clientIds],
    );
    return new Map(rows.map(({ clientId, username }) => [clientId, username]));
  }

  async change(executor: Executor, clientId: string, changes: AccountChanges): Promise<void> {
    const given = (Object.keys(CHANGED) as (keyof AccountChanges)[]).filter((key) => changes[key] !== undefined);
    if (given.length === 0) return;
    const set = given.map((key) => `${CHANGED[key]} = ?`).join(', ');
    await executor.run(`UPDATE client_users SET ${set} WHERE client_id = ?`, [
      ...given.map((key) => changes[key]),
      clientId,
    ]);
  }

  async setPasswordHash(executor: Executor, clientId: string, hash: string): Promise<boolean> {
    const sql = 'UPDATE client_users SET password_hash = ? WHERE client_id = ?';
    return (await executor.run(sql, [hash, clientId])) === 1;
  }

  /** How many sign-ins ended; their refresh tokens with them. */
  async endSessions(executor: Executor, clientId: string, now: Date): Promise<number> {
    await executor.run('UPDATE refresh_tokens SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL', [
      now,
      clientId,
    ]);
    return executor.run(
      'UPDATE client_sessions SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL AND expires_at > ?',
      [now, clientId, now],
    );
  }

  async endKeys(executor: Executor, clientId: string, now: Date): Promise<void> {
    await executor.run('UPDATE api_keys SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL', [
      now,
      clientId,
    ]);
  }

  listSessions(clientId: string, now: Date): Promise<SessionRow[]> {
    return this.database.rows(
      `SELECT session_id AS sessionId, ip_address AS ipAddress, user_agent AS userAgent, created_at AS createdAt,
              last_seen_at AS lastSeenAt, expires_at AS expiresAt
       FROM client_sessions WHERE client_id = ? AND revoked_at IS NULL AND expires_at > ?
       ORDER BY id DESC LIMIT ${MOST_SESSIONS}`,
      [clientId, now],
    );
  }

  async countTasks(clientId: string): Promise<Record<string, number>> {
    const rows = await this.database.rows<{ status: string; n: string }>(
      'SELECT status, COUNT(*) AS n FROM client_tasks WHERE client_id = ? GROUP BY status',
      [clientId],
    );
    return Object.fromEntries(rows.map(({ status, n }) => [status, Number(n)]));
  }

  sumUploads(clientId: string): Promise<StoredFiles> {
    return this.sum('client_uploads f WHERE f.client_id = ?', clientId);
  }

  sumResults(clientId: string): Promise<StoredFiles> {
    const results = 'client_tasks t JOIN client_task_results f ON f.task_id = t.id AND f.run_no = t.run_no';
    return this.sum(`${results} WHERE t.client_id = ?`, clientId);
  }

  /** Of tasks that wait and whose cancel nobody wishes yet. */
  async listQueued(clientId: string, limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ taskId: string }>(
      `SELECT task_id AS taskId FROM client_tasks
       WHERE client_id = ? AND status = 'queued' AND cancel_run < run_no ORDER BY created_at LIMIT ?`,
      [clientId, limit],
    );
    return rows.map(({ taskId }) => taskId);
  }

  private async sum(from: string, clientId: string): Promise<StoredFiles> {
    const [row] = await this.database.rows<{ files: string; bytes: string | null }>(
      `SELECT COUNT(*) AS files, SUM(f.file_size) AS bytes FROM ${from}`,
      [clientId],
    );
    return { files: Number(row?.files ?? 0), bytes: Number(row?.bytes ?? 0) };
  }
}

function conditionsOf({ search, isActive }: AccountFilter): { where: string; values: SqlValue[] } {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  if (search !== undefined) {
    const like = `%${search.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
    parts.push('(username LIKE ? OR nickname LIKE ? OR client_id = ?)');
    values.push(like, like, search);
  }
  if (isActive !== undefined) {
    parts.push('is_active = ?');
    values.push(isActive);
  }
  return { where: parts.join(' AND ') || 'TRUE', values };
}
