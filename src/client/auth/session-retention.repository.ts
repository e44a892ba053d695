import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

const TABLES = { sessions: 'client_sessions', refreshTokens: 'refresh_tokens' } as const;

/** Removal of users' sign-ins that are over. */
@Injectable()
export class SessionRetentionRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** Expired before `time`, so many at once; with a sign-in its refresh tokens go. */
  async removeExpired(what: keyof typeof TABLES, time: Date, limit: number): Promise<number> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM ${TABLES[what]} WHERE expires_at < ? ORDER BY expires_at LIMIT ?`,
      [time, limit],
    );
    if (rows.length === 0) return 0;
    return this.database.run(`DELETE FROM ${TABLES[what]} WHERE id IN (?)`, [rows.map(({ id }) => id)]);
  }
}
