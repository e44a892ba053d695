import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';

/** `counted_until`, `rows_whole_since`: times in ms. */
export type MarkName = 'counted_until' | 'highest_task' | 'rows_whole_since';

/** How far statistics are. Beside it what the store held each day. */
@Injectable()
export class StatisticsMarksRepository {
  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  async find(name: MarkName, executor: Executor = this.database): Promise<number | undefined> {
    const [row] = await executor.rows<{ value: string }>('SELECT value FROM statistics_marks WHERE name = ?', [name]);
    return row && Number(row.value);
  }

  async raise(name: MarkName, value: number, executor: Executor = this.database): Promise<void> {
    await executor.run(
      `INSERT INTO statistics_marks (name, value) VALUES (?, ?)
       ON DUPLICATE KEY UPDATE value = GREATEST(value, VALUES(value))`,
      [name, value],
    );
  }

  async set(name: MarkName, value: number): Promise<void> {
    await this.database.run(
      'INSERT INTO statistics_marks (name, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)',
      [name, value],
    );
  }

  /**
   * A transaction in which nobody else counts: the later one reads and writes after the earlier one, and what was
   * read earlier never overwrites what was read later.
   */
  async alone<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    await this.database.run(`INSERT IGNORE INTO statistics_marks (name, value) VALUES ('lock', 0)`);
    return this.database.transaction(async (transaction) => {
      await transaction.rows(`SELECT value FROM statistics_marks WHERE name = 'lock' FOR UPDATE`);
      return work(transaction);
    });
  }

  /** What the store holds now, as the day's figure. */
  async writeStorage(day: string): Promise<void> {
    await this.database.run(
      `INSERT INTO storage_statistics (stat_date, stored_files, stored_bytes)
       SELECT ?, COUNT(*), COALESCE(SUM(size_bytes), 0) FROM blobs WHERE stored_at IS NOT NULL
       ON DUPLICATE KEY UPDATE stored_files = VALUES(stored_files), stored_bytes = VALUES(stored_bytes),
         updated_at = CURRENT_TIMESTAMP(3)`,
      [day],
    );
  }
}
