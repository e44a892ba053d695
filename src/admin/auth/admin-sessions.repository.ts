import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { CurrentAdmin } from './current-admin.js';

export interface NewAdminSession {
  sessionId: string;
  adminUserId: string;
  ipAddress: string;
  userAgent: string | null;
  expiresAt: Date;
}

export interface AdminSessionRecord {
  sessionId: string;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: Date;
  expiresAt: Date;
  lastSeenAt: Date | null;
}

export type ActiveSession = CurrentAdmin & { lastSeenAt: Date | null };

const HOLDS = 'admin_user_id = ? AND revoked_at IS NULL AND expires_at > ?';
const COLUMNS = `session_id AS sessionId, ip_address AS ipAddress, user_agent AS userAgent, created_at AS createdAt,
  expires_at AS expiresAt, last_seen_at AS lastSeenAt`;

/** SQL of admins' sign-ins; revoking a row ends its tokens. */
@Injectable()
export class AdminSessionsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async insert(transaction: Executor, session: NewAdminSession): Promise<void> {
    await transaction.run(
      'INSERT INTO sessions (session_id, admin_user_id, ip_address, user_agent, expires_at) VALUES (?)',
      [[session.sessionId, session.adminUserId, session.ipAddress, session.userAgent, session.expiresAt]],
    );
  }

  async findActive(sessionId: string, adminUserId: string, now: Date): Promise<ActiveSession | undefined> {
    const [admin] = await this.database.rows<ActiveSession>(
      `SELECT u.id AS adminUserId, s.session_id AS sessionId, u.username, u.display_name AS displayName, u.role,
              s.last_seen_at AS lastSeenAt
       FROM sessions s JOIN admin_users u ON u.id = s.admin_user_id
       WHERE s.session_id = ? AND s.admin_user_id = ? AND s.revoked_at IS NULL AND s.expires_at > ?
         AND u.status = 'active'`,
      [sessionId, adminUserId, now],
    );
    return admin;
  }

  async noteSeen(sessionId: string, now: Date): Promise<void> {
    await this.database.run('UPDATE sessions SET last_seen_at = ? WHERE session_id = ?', [now, sessionId]);
  }

  /** Those that still hold, the newest first. */
  async list(
    adminUserId: string,
    now: Date,
    { limit, offset }: { limit: number; offset: number },
  ): Promise<Page<AdminSessionRecord>> {
    const [items, [count]] = await Promise.all([
      this.database.rows<AdminSessionRecord>(
        `SELECT ${COLUMNS} FROM sessions WHERE ${HOLDS} ORDER BY id DESC LIMIT ? OFFSET ?`,
        [adminUserId, now, limit, offset],
      ),
      this.database.rows<{ total: string }>(`SELECT COUNT(*) AS total FROM sessions WHERE ${HOLDS}`, [
        adminUserId,
        now,
      ]),
    ]);
    return { items, total: Number(count?.total ?? 0) };
  }

  /** Ends one; false where the admin has no such sign-in that holds. */
  async revoke(transaction: Executor, adminUserId: string, sessionId: string, now: Date): Promise<boolean> {
    const sql = `UPDATE sessions SET revoked_at = ? WHERE session_id = ? AND ${HOLDS}`;
    return (await transaction.run(sql, [now, sessionId, adminUserId, now])) === 1;
  }

  /** Ends all of an admin, but the one to be kept, and tells how many. */
  async revokeAll(transaction: Executor, adminUserId: string, now: Date, keptSessionId = ''): Promise<number> {
    const sql = `UPDATE sessions SET revoked_at = ? WHERE session_id <> ? AND ${HOLDS}`;
    return transaction.run(sql, [now, keptSessionId, adminUserId, now]);
  }
}
