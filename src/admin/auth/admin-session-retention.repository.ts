import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

/** Removal of admins' sign-ins that are over. */
@Injectable()
export class AdminSessionRetentionRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /** Expired before `time`, so many at once. */
  async removeExpired(time: Date, limit: number): Promise<number> {
    const rows = await this.database.rows<{ id: string }>(
      'SELECT id FROM sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?',
      [time, limit],
    );
    if (rows.length === 0) return 0;
    return this.database.run('DELETE FROM sessions WHERE id IN (?)', [rows.map(({ id }) => id)]);
  }
}
