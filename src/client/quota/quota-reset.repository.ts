import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

/** SQL of the counters on `client_users` whose day is over. */
@Injectable()
export class QuotaResetRepository {
  constructor(@InjectDatabase('client') private readonly database: Database) {}

  /** Of users who have used some. */
  async listZones(): Promise<string[]> {
    const rows = await this.database.rows<{ timeZone: string }>(
      'SELECT DISTINCT time_zone AS timeZone FROM client_users WHERE quota_used > 0',
    );
    return rows.map(({ timeZone }) => timeZone);
  }

  /** Days that are nowhere on earth yet, of a clock that was ahead: what was used counts for today. */
  heal(today: string): Promise<number> {
    return this.database.run(
      'UPDATE client_users SET quota_reset_date = ? WHERE quota_reset_date > ? + INTERVAL 1 DAY',
      [today, today],
    );
  }

  /** Looks at the day in the statement itself: a charge of the new day may have been first. */
  reset(timeZone: string, today: string, limit: number): Promise<number> {
    return this.database.run(
      `UPDATE client_users SET quota_used = 0, quota_reset_date = ?
       WHERE time_zone = ? AND quota_used > 0 AND quota_reset_date < ? ORDER BY id LIMIT ${limit}`,
      [today, timeZone, today],
    );
  }
}
