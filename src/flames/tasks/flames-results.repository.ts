import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import type { Dimension } from '../dimensions.js';
import type { HarmlessMetrics } from '../metrics/harmless-metrics.js';

export interface ScoredBy {
  scorer: string;
  revision: string;
}

/** A row of the old `result.logs`. */
export interface ResultLog {
  dimension: Dimension;
  predicted: number;
  prompt: string;
  response: string;
}

const LONGEST_NAME = 100;

/** SQL of results: what scores a task from its beginning, its figures from its end. */
@Injectable()
export class FlamesResultsRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  /** Notes what scores the task; where that was noted before, gives what was. */
  async noteScorer(transaction: Executor, taskId: string, { scorer, revision }: ScoredBy): Promise<ScoredBy> {
    await transaction.run(
      'INSERT INTO flames_results (task_id, scorer, revision) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE task_id = task_id',
      [taskId, scorer.slice(0, LONGEST_NAME), revision.slice(0, LONGEST_NAME)],
    );
    const [noted] = await transaction.rows<ScoredBy>('SELECT scorer, revision FROM flames_results WHERE task_id = ?', [
      taskId,
    ]);
    return noted!;
  }

  async writeMetrics(transaction: Executor, taskId: string, metrics: HarmlessMetrics): Promise<void> {
    await transaction.run('UPDATE flames_results SET metrics = ? WHERE task_id = ?', [JSON.stringify(metrics), taskId]);
  }

  /** The first scored items of each dimension that is named. */
  async listFirstScored(taskId: string, dimensions: readonly Dimension[], limit: number): Promise<ResultLog[]> {
    const branch = `(SELECT dimension, predicted, prompt, response FROM flames_task_items
      WHERE task_id = ? AND status = 'scored' AND dimension = ? ORDER BY id LIMIT ?)`;
    return this.database.rows<ResultLog>(
      dimensions.map(() => branch).join(' UNION ALL '),
      dimensions.flatMap((dimension) => [taskId, dimension, limit]),
    );
  }
}
