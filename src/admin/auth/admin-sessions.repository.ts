import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { CurrentAdmin } from './current-admin.js';

export interface NewAdminSession {
  sessionId: string;
  adminUserId: string;
  ipAddress: string;
  userAgent: string | null;
  expiresAt: Date;
}

/** SQL of admins' sign-ins; revoking a row ends its tokens. */
@Injectable()
export class AdminSessionsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  async insert(session: NewAdminSession): Promise<void> {
    await this.database.run(
      'INSERT INTO sessions (session_id, admin_user_id, ip_address, user_agent, expires_at) VALUES (?)',
      [[session.sessionId, session.adminUserId, session.ipAddress, session.userAgent, session.expiresAt]],
    );
  }

  async findActive(sessionId: string, adminUserId: string, now: Date): Promise<CurrentAdmin | undefined> {
    const [admin] = await this.database.rows<CurrentAdmin>(
      `SELECT u.id AS adminUserId, s.session_id AS sessionId, u.username, u.display_name AS displayName, u.role
       FROM sessions s JOIN admin_users u ON u.id = s.admin_user_id
       WHERE s.session_id = ? AND s.admin_user_id = ? AND s.revoked_at IS NULL AND s.expires_at > ?
         AND u.status = 'active'`,
      [sessionId, adminUserId, now],
    );
    return admin;
  }

  async revoke(sessionId: string, now: Date): Promise<void> {
    await this.database.run('UPDATE sessions SET revoked_at = ? WHERE session_id = ? AND revoked_at IS NULL', [
      now,
      sessionId,
    ]);
  }
}
