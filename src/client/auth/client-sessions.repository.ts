import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { CurrentClient } from './current-client.js';

export interface NewClientSession {
  sessionId: string;
  clientId: string;
  ipAddress: string;
  userAgent: string | null;
  expiresAt: Date;
}

/** SQL of sign-ins; revoking a row ends its tokens. */
@Injectable()
export class ClientSessionsRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  async insert(executor: Executor, session: NewClientSession): Promise<void> {
    await executor.run(
      'INSERT INTO client_sessions (session_id, client_id, ip_address, user_agent, expires_at) VALUES (?)',
      [[session.sessionId, session.clientId, session.ipAddress, session.userAgent, session.expiresAt]],
    );
  }

  /** Whether it is the password still of an account that is active; neither changes until the transaction ends. */
  async holdsPassword(executor: Executor, clientId: string, passwordHash: string | null): Promise<boolean> {
    const rows = await executor.rows(
      `SELECT 1 FROM client_users WHERE client_id = ? AND BINARY password_hash = ? AND is_active = 1
       LOCK IN SHARE MODE`,
      [clientId, passwordHash],
    );
    return rows.length === 1;
  }

  /** The users of those sessions that hold; one look by a unique key, since every request asks. */
  listActive(sessionIds: string[], now: Date, executor: Executor = this.database): Promise<CurrentClient[]> {
    return executor.rows(
      `SELECT s.session_id AS sessionId, u.client_id AS clientId, u.username, u.time_zone AS timeZone
       FROM client_sessions s JOIN client_users u ON u.client_id = s.client_id
       WHERE s.session_id IN (?) AND s.revoked_at IS NULL AND s.expires_at > ? AND u.is_active = 1`,
      [sessionIds, now],
    );
  }

  async prolong(executor: Executor, sessionId: string, expiresAt: Date, now: Date): Promise<void> {
    await executor.run('UPDATE client_sessions SET expires_at = ?, last_seen_at = ? WHERE session_id = ?', [
      expiresAt,
      now,
      sessionId,
    ]);
  }

  async revoke(executor: Executor, sessionId: string, now: Date): Promise<void> {
    await executor.run('UPDATE client_sessions SET revoked_at = ? WHERE session_id = ? AND revoked_at IS NULL', [
      now,
      sessionId,
    ]);
  }
}
