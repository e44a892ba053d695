import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

/** Removal of old rows of `performance_metrics`. */
@Injectable()
export class MetricRetentionRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /** Behind `afterId`, so many old rows at most: how many there were, and where to go on. */
  async removeBefore(time: Date, afterId: string, limit: number): Promise<{ removed: number; lastId: string }> {
    const rows = await this.database.rows<{ id: string }>(
      'SELECT id FROM performance_metrics WHERE recorded_at < ? AND id > ? ORDER BY id LIMIT ?',
      [time, afterId, limit],
    );
    if (rows.length === 0) return { removed: 0, lastId: afterId };
    const lastId = rows.at(-1)!.id;
    const removed = await this.database.run(
      'DELETE FROM performance_metrics WHERE id > ? AND id <= ? AND recorded_at < ?',
      [afterId, lastId, time],
    );
    return { removed, lastId };
  }
}
