import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';
import { itemKeyOf } from '../datasets/parse-dataset.js';
import { parseDimension } from '../dimensions.js';
import type { HarmlessMetrics } from '../metrics/harmless-metrics.js';
import type { LegacyScores } from './parse-scores.js';

interface KeylessRow {
  id: string;
  dimension: string;
  prompt: string | null;
}

export interface LegacyOutcome {
  /** Counted from the rows: failed requests are errors there. */
  figures: HarmlessMetrics;
  /** As the old service printed them. */
  scores: LegacyScores | undefined;
  /** What the old service wrote down where the run failed. */
  error: string | undefined;
  /** For a task that the database does not know. */
  endTime: Date;
}

const PAGE_ROWS = 1_000;
/** What results of old installations name as their scorer: which revision it was, nobody wrote down. */
const SCORER = 'flames-scorer (old installation)';

/** SQL that takes tasks of an old installation over. Every statement changes only what is missing. */
@Injectable()
export class LegacyTasksRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  /** Why the files of a task are none of the database's business. */
  async findObstacle(taskId: string): Promise<string | undefined> {
    const [task] = await this.database.rows<{ config: unknown; logsRemovedAt: Date | null; status: string | null }>(
      'SELECT config, logs_removed_at AS logsRemovedAt, status FROM task_flames WHERE task_id = ?',
      [taskId],
    );
    if (task?.config) return 'this service ran it itself';
    return task?.logsRemovedAt ? 'its logs were removed when their time was over' : undefined;
  }

  /** `<item_key> <repeat_no>` of every row. */
  async listKeys(taskId: string): Promise<Set<string>> {
    const rows = await this.database.rows<{ itemKey: string; repeatNo: number }>(
      'SELECT item_key AS itemKey, repeat_no AS repeatNo FROM task_flames_logs WHERE task_id = ? AND item_key IS NOT NULL',
      [taskId],
    );
    return new Set(rows.map(({ itemKey, repeatNo }) => `${itemKey} ${repeatNo}`));
  }

  /** To rows that the old service wrote into the table; the same prompt again is its next repeat, as in the file. */
  async giveKeys(taskId: string): Promise<void> {
    const taken = await this.listKeys(taskId);
    for (let after = '0'; ;) {
      const rows = await this.database.rows<KeylessRow>(
        `SELECT id, dimension, prompt FROM task_flames_logs
         WHERE task_id = ? AND item_key IS NULL AND id > ? ORDER BY id LIMIT ?`,
        [taskId, after, PAGE_ROWS],
      );
      if (rows.length === 0) return;
      await this.database.transaction(async (transaction) => {
        for (const { id, dimension, prompt } of rows) {
          const known = parseDimension(dimension);
          if (!known || prompt === null) continue;
          const itemKey = itemKeyOf(known, prompt);
          let repeatNo = 0;
          while (taken.has(`${itemKey} ${repeatNo}`)) repeatNo += 1;
          taken.add(`${itemKey} ${repeatNo}`);
          const sql = `UPDATE task_flames_logs SET item_key = ?, repeat_no = ?,
            predicted = IF(response LIKE 'Error:%', NULL, predicted) WHERE id = ? AND item_key IS NULL`;
          await transaction.run(sql, [itemKey, repeatNo, id]);
        }
      });
      after = rows.at(-1)!.id;
    }
  }

  /** Makes or flags the task, and keeps both results: the printed one with the task, the counted one beside it. */
  async complete(taskId: string, { figures, scores, error, endTime }: LegacyOutcome): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await transaction.run(
        `INSERT INTO task_flames (task_id, status, end_time, error_message, is_legacy) VALUES (?, ?, ?, ?, 1)
         ON DUPLICATE KEY UPDATE is_legacy = 1, end_time = COALESCE(end_time, VALUES(end_time)),
           error_message = COALESCE(error_message, VALUES(error_message)),
           status = IF(config IS NULL AND COALESCE(status, 'pending') IN ('pending', 'running'), VALUES(status), status)`,
        [taskId, error !== undefined && !scores ? 'failed' : 'completed', endTime, error ?? null],
      );
      if (scores) {
        const sql = 'UPDATE task_flames SET result = ? WHERE task_id = ? AND result IS NULL';
        await transaction.run(sql, [JSON.stringify(scores), taskId]);
      }
      const metrics = JSON.stringify(figures);
      await transaction.run(
        `INSERT INTO flames_results (task_id, metrics, scorer) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE metrics = ?`,
        [taskId, metrics, SCORER, metrics],
      );
    });
  }
}
