import { Injectable } from '@nestjs/common';
import type { Executor } from '../../database/index.js';

export interface RefreshTokenRecord {
  sessionId: string;
  clientId: string;
  usedAt: Date | null;
  /** 1 where neither its time is over nor it was revoked. */
  isGood: number;
}

/** SQL of refresh tokens; a session's tokens are one family, of which the last one is unused. */
@Injectable()
export class RefreshTokensRepository {
  async insert(
    executor: Executor,
    token: { hash: string; sessionId: string; clientId: string },
    expiresAt: Date,
  ): Promise<void> {
    await executor.run('INSERT INTO refresh_tokens (token_hash, session_id, client_id, expires_at) VALUES (?)', [
      [token.hash, token.sessionId, token.clientId, expiresAt],
    ]);
  }

  /** Held until the transaction ends: of two uses at once the second sees what the first did. */
  async lock(executor: Executor, hash: string, now: Date): Promise<RefreshTokenRecord | undefined> {
    const [token] = await executor.rows<RefreshTokenRecord>(
      `SELECT session_id AS sessionId, client_id AS clientId, used_at AS usedAt,
              expires_at > ? AND revoked_at IS NULL AS isGood
       FROM refresh_tokens WHERE token_hash = ? FOR UPDATE`,
      [now, hash],
    );
    return token;
  }

  async markUsed(executor: Executor, hash: string, now: Date): Promise<void> {
    await executor.run('UPDATE refresh_tokens SET used_at = ? WHERE token_hash = ? AND used_at IS NULL', [now, hash]);
  }

  async revokeFamily(executor: Executor, sessionId: string, now: Date): Promise<void> {
    await executor.run('UPDATE refresh_tokens SET revoked_at = ? WHERE session_id = ? AND revoked_at IS NULL', [
      now,
      sessionId,
    ]);
  }
}
