import { Injectable } from '@nestjs/common';
import { containing, InjectDatabase, type Database, type Executor, type SqlValue } from '../../database/index.js';
import type { Page } from '../../common/index.js';
import type { AdminRole } from './admin-role.js';

export const ADMIN_STATUSES = ['active', 'inactive', 'locked'] as const;
export type AdminStatus = (typeof ADMIN_STATUSES)[number];

export interface AdminUserRecord {
  id: string;
  username: string;
  email: string;
  passwordHash: string;
  displayName: string | null;
  role: AdminRole;
  status: AdminStatus;
  lockedUntil: Date | null;
  /** Sealed; it counts only where it is confirmed. */
  totpSecret: string | null;
  totpConfirmedAt: Date | null;
  version: number;
  createdAt: Date;
  lastLoginAt: Date | null;
  lastLoginIp: string | null;
}

export interface NewAdminUser {
  username: string;
  email: string;
  passwordHash: string;
  role: AdminRole;
  displayName: string | null;
}

export interface AdminFilter {
  q?: string | undefined;
  role?: AdminRole | undefined;
  status?: AdminStatus | undefined;
  limit: number;
  offset: number;
}

/** What admins change about one another. */
export type AdminFields = Pick<AdminUserRecord, 'displayName' | 'email' | 'role' | 'status'>;

const COLUMNS = `id, username, email, password_hash AS passwordHash, display_name AS displayName, role, status,
  locked_until AS lockedUntil, totp_secret AS totpSecret, totp_confirmed_at AS totpConfirmedAt, version,
  created_at AS createdAt, last_login_at AS lastLoginAt, last_login_ip AS lastLoginIp`;

/** SQL of admins' accounts. */
@Injectable()
export class AdminUsersRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async find(id: string): Promise<AdminUserRecord | undefined> {
    const [user] = await this.database.rows<AdminUserRecord>(`SELECT ${COLUMNS} FROM admin_users WHERE id = ?`, [id]);
    return user;
  }

  async findByUsername(username: string): Promise<AdminUserRecord | undefined> {
    const sql = `SELECT ${COLUMNS} FROM admin_users WHERE username = ?`;
    const [user] = await this.database.rows<AdminUserRecord>(sql, [username]);
    return user;
  }

  async list({ q, role, status, limit, offset }: AdminFilter): Promise<Page<AdminUserRecord>> {
    const conditions: [string, SqlValue[]][] = [['TRUE', []]];
    if (q !== undefined) {
      const like = "LIKE ? ESCAPE '!'";
      const pattern = containing(q);
      conditions.push([`(username ${like} OR display_name ${like} OR email ${like})`, [pattern, pattern, pattern]]);
    }
    if (role !== undefined) conditions.push(['role = ?', [role]]);
    if (status !== undefined) conditions.push(['status = ?', [status]]);
    const where = conditions.map(([sql]) => sql).join(' AND ');
    const values = conditions.flatMap(([, given]) => given);
    const [items, [count]] = await Promise.all([
      this.database.rows<AdminUserRecord>(
        `SELECT ${COLUMNS} FROM admin_users WHERE ${where} ORDER BY id LIMIT ? OFFSET ?`,
        [...values, limit, offset],
      ),
      this.database.rows<{ total: string }>(`SELECT COUNT(*) AS total FROM admin_users WHERE ${where}`, values),
    ]);
    return { items, total: Number(count?.total ?? 0) };
  }

  /** This admin and every super_admin, held until the transaction ends: of two demotions at once, one sees the other. */
  async lockWithSuperAdmins(transaction: Executor, id: string): Promise<AdminUserRecord[]> {
    const sql = `SELECT ${COLUMNS} FROM admin_users WHERE id = ? OR role = 'super_admin' ORDER BY id FOR UPDATE`;
    return transaction.rows<AdminUserRecord>(sql, [id]);
  }

  async insert(transaction: Executor, user: NewAdminUser): Promise<void> {
    await transaction.run('INSERT INTO admin_users (username, email, password_hash, role, display_name) VALUES (?)', [
      [user.username, user.email, user.passwordHash, user.role, user.displayName],
    ]);
  }

  async change(transaction: Executor, id: string, fields: AdminFields): Promise<void> {
    await transaction.run(
      `UPDATE admin_users SET display_name = ?, email = ?, role = ?, status = ?, version = version + 1 WHERE id = ?`,
      [fields.displayName, fields.email, fields.role, fields.status, id],
    );
  }

  /** False where the password is not the one of `oldHash` any more. */
  async replacePassword(transaction: Executor, id: string, oldHash: string, newHash: string): Promise<boolean> {
    const sql = 'UPDATE admin_users SET password_hash = ? WHERE id = ? AND password_hash = ?';
    return (await transaction.run(sql, [newHash, id, oldHash])) === 1;
  }

  /**
   * Counts an attempt before it is tried, so that many at once are not all let through. The last one that is allowed
   * sets the lock; an old lock that ran out starts the count anew. False: locked.
   */
  async beginAttempt(id: string, maxAttempts: number, now: Date, lockedUntil: Date): Promise<boolean> {
    const changed = await this.database.run(
      // locked_until comes last and reads the count that this statement has just raised.
      `UPDATE admin_users
       SET failed_logins = IF(locked_until IS NOT NULL AND locked_until <= ?, 1, failed_logins + 1),
           locked_until = IF(failed_logins >= ?, ?, NULL)
       WHERE id = ? AND (locked_until IS NULL OR locked_until <= ?)`,
      [now, maxAttempts, lockedUntil, id, now],
    );
    return changed === 1;
  }

  /** One attempt that was neither right nor wrong does not count; those before it do. */
  async takeBackAttempt(id: string): Promise<void> {
    await this.database.run(
      'UPDATE admin_users SET failed_logins = GREATEST(failed_logins - 1, 0), locked_until = NULL WHERE id = ?',
      [id],
    );
  }

  async forgetAttempts(id: string, executor: Executor = this.database): Promise<void> {
    await executor.run('UPDATE admin_users SET failed_logins = 0, locked_until = NULL WHERE id = ?', [id]);
  }

  /** False where the account was shut, or given another password, since it was looked at. */
  async noteSignIn(transaction: Executor, user: AdminUserRecord, ipAddress: string, now: Date): Promise<boolean> {
    const changed = await transaction.run(
      `UPDATE admin_users
       SET failed_logins = 0, locked_until = NULL, last_login_ip = ?, last_login_at = ?, login_count = login_count + 1
       WHERE id = ? AND status = 'active' AND password_hash = ?`,
      [ipAddress, now, user.id, user.passwordHash],
    );
    return changed === 1;
  }
}
