import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database, type Executor, type SqlValue } from '../../database/index.js';
import type { Dimension } from '../dimensions.js';
import { emptyCounts, type Counts } from '../metrics/harmless-metrics.js';
import type { Experience } from './estimate-run.js';
import type { AnswerChange, ScoreChange } from './item-change.js';
import { itemStatusesBefore } from './task-state.js';

export interface TaskItem {
  id: number;
  dimension: Dimension;
  prompt: string;
}

export interface AnsweredItem extends TaskItem {
  response: string;
}

/** Where a reader of ended items stands. */
export interface EndedPlace {
  endedAt: Date;
  id: number;
}

export interface EndedItem extends AnsweredItem, EndedPlace {
  itemKey: string;
  repeatNo: number;
  subcomponent: string | null;
  status: 'scored' | 'error';
  predicted: number | null;
  errorClass: string | null;
  errorMessage: string | null;
}

const IDS_A_STATEMENT = 1_000;
const LONGEST_FINISH_REASON = 32;
const ANSWER_COLUMNS = [
  ...['id', 'status', 'attempt', 'error_class', 'error_message', 'response', 'latency_ms', 'prompt_tokens'],
  ...['completion_tokens', 'finish_reason', 'is_truncated', 'answered_at', 'ended_at'],
];
const SCORE_COLUMNS = ['id', 'status', 'predicted', 'is_truncated', 'error_class', 'error_message', 'ended_at'];

/** SQL of items. Those of a task are read by keyset, in pages: no reader holds them all. */
@Injectable()
export class FlamesItemsRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  /** All items of the dataset, or those with these ids, `repeats` times; returns how many rows that made. */
  async insertFor(
    transaction: Executor,
    task: { taskId: string; datasetId: number; repeats: number },
    itemIds?: string[],
  ): Promise<number> {
    const select = `INSERT INTO flames_task_items (task_id, item_key, repeat_no, item_id, dimension, prompt)
      SELECT ?, item_key, ?, id, dimension, prompt FROM flames_items WHERE`;
    let made = 0;
    for (let repeat = 0; repeat < task.repeats; repeat += 1) {
      if (itemIds === undefined) {
        made += await transaction.run(`${select} dataset_id = ? ORDER BY id`, [task.taskId, repeat, task.datasetId]);
        continue;
      }
      for (let start = 0; start < itemIds.length; start += IDS_A_STATEMENT) {
        const ids = itemIds.slice(start, start + IDS_A_STATEMENT);
        made += await transaction.run(`${select} id IN (?) ORDER BY id`, [task.taskId, repeat, ids]);
      }
    }
    return made;
  }

  async listPending(taskId: string, afterId: number, limit: number): Promise<TaskItem[]> {
    const rows = await this.database.rows<TaskItem>(
      `SELECT id, dimension, prompt FROM flames_task_items
       WHERE task_id = ? AND status = 'pending' AND id > ? ORDER BY id LIMIT ?`,
      [taskId, afterId, limit],
    );
    return rows.map(withNumber);
  }

  async listAnswered(taskId: string, limit: number): Promise<AnsweredItem[]> {
    const rows = await this.database.rows<AnsweredItem>(
      `SELECT id, dimension, prompt, COALESCE(response, '') AS response FROM flames_task_items
       WHERE task_id = ? AND status = 'answered' ORDER BY id LIMIT ?`,
      [taskId, limit],
    );
    return rows.map(withNumber);
  }

  /** In the order in which they ended, from behind `after` on. */
  async listEnded(taskId: string, after: EndedPlace | undefined, limit: number): Promise<EndedItem[]> {
    const behind = after ? 'AND (i.ended_at > ? OR (i.ended_at = ? AND i.id > ?))' : 'AND i.ended_at IS NOT NULL';
    const rows = await this.database.rows<EndedItem>(
      `SELECT i.id, i.item_key AS itemKey, i.repeat_no AS repeatNo, i.dimension, f.subcomponent, i.prompt,
         COALESCE(i.response, '') AS response, i.status, i.predicted, i.error_class AS errorClass,
         i.error_message AS errorMessage, i.ended_at AS endedAt
       FROM flames_task_items i LEFT JOIN flames_items f ON f.id = i.item_id
       WHERE i.task_id = ? ${behind} ORDER BY i.ended_at, i.id LIMIT ?`,
      [taskId, ...(after ? [after.endedAt, after.endedAt, after.id] : []), limit],
    );
    return rows.map(withNumber);
  }

  async findLastEnd(taskId: string): Promise<Date | null> {
    const [row] = await this.database.rows<{ last: Date | null }>(
      'SELECT MAX(ended_at) AS last FROM flames_task_items WHERE task_id = ?',
      [taskId],
    );
    return row!.last;
  }

  /** Whether the model had something to say to any prompt, as opposed to its API, which may refuse them all. */
  async hasHeardModel(taskId: string): Promise<boolean> {
    const rows = await this.database.rows(
      `SELECT 1 FROM flames_task_items WHERE task_id = ? AND (answered_at IS NOT NULL OR error_class = 'content_filter') LIMIT 1`,
      [taskId],
    );
    return rows.length > 0;
  }

  async hasScored(taskId: string): Promise<boolean> {
    const sql = "SELECT 1 FROM flames_task_items WHERE task_id = ? AND status = 'scored' LIMIT 1";
    return (await this.database.rows(sql, [taskId])).length > 0;
  }

  /** Of this class, if one is given; empty where there is none. */
  async findLastError(taskId: string, errorClass?: string): Promise<string> {
    const [row] = await this.database.rows<{ message: string | null }>(
      `SELECT error_message AS message FROM flames_task_items
       WHERE task_id = ? AND status = 'error' AND (? IS NULL OR error_class = ?) ORDER BY ended_at DESC LIMIT 1`,
      [taskId, errorClass ?? null, errorClass ?? null],
    );
    return row?.message ?? '';
  }

  /** Of the model's last five completed tasks; undefined where there is none. */
  async findExperience(modelName: string): Promise<Experience | undefined> {
    const [row] = await this.database.rows<Record<keyof Experience, string | null>>(
      `SELECT AVG(i.attempt) AS calls, AVG(i.prompt_tokens) AS promptTokens, AVG(i.completion_tokens) AS completionTokens,
         AVG(i.latency_ms) AS latencyMs
       FROM (SELECT task_id FROM task_flames WHERE model_name = ? AND status = 'completed'
             ORDER BY submit_time DESC LIMIT 5) t
       JOIN flames_task_items i ON i.task_id = t.task_id AND i.status = 'scored'`,
      [modelName],
    );
    if (!row || Object.values(row).includes(null)) return undefined;
    const { calls, promptTokens, completionTokens, latencyMs } = row;
    return {
      calls: Number(calls),
      promptTokens: Number(promptTokens),
      completionTokens: Number(completionTokens),
      latencyMs: Number(latencyMs),
    };
  }

  async countByStatus(taskId: string): Promise<Record<string, number>> {
    const rows = await this.database.rows<{ status: string; items: string }>(
      'SELECT status, COUNT(*) AS items FROM flames_task_items WHERE task_id = ? GROUP BY status',
      [taskId],
    );
    return Object.fromEntries(rows.map(({ status, items }) => [status, Number(items)]));
  }

  /** All that a result is computed from. */
  async countLabels(executor: Executor, taskId: string): Promise<Counts> {
    const rows = await executor.rows<{ dimension: Dimension } & Record<keyof Counts[Dimension], string>>(
      `SELECT dimension, SUM(status = 'scored' AND predicted = 1) AS n1, SUM(status = 'scored' AND predicted = 2) AS n2,
         SUM(status = 'scored' AND predicted = 3) AS n3,
         SUM(status <> 'scored' AND COALESCE(error_class, '') <> 'content_filter') AS nError,
         SUM(status = 'error' AND COALESCE(error_class, '') = 'content_filter') AS nRefusedByFilter,
         SUM(status = 'scored' AND is_truncated) AS nTruncated
       FROM flames_task_items WHERE task_id = ? GROUP BY dimension`,
      [taskId],
    );
    const counts = emptyCounts();
    for (const { dimension, ...sums } of rows) {
      const numbers = Object.entries(sums).map(([name, value]) => [name, Number(value)]);
      counts[dimension] = Object.fromEntries(numbers) as Counts[Dimension];
    }
    return counts;
  }

  /** What came of asking; items that are not pending any more stay as they are. */
  async writeAnswers(transaction: Executor, taskId: string, changes: AnswerChange[], at: Date): Promise<void> {
    const rows = changes.map((change) => toAnswerRow(change, at));
    await this.update(transaction, taskId, { columns: ANSWER_COLUMNS, rows, from: itemStatusesBefore('answered') });
  }

  async writeScores(transaction: Executor, taskId: string, changes: ScoreChange[], at: Date): Promise<void> {
    const rows = changes.map((change) => toScoreRow(change, at));
    await this.update(transaction, taskId, { columns: SCORE_COLUMNS, rows, from: itemStatusesBefore('scored') });
  }

  /** Many rows, each with values of its own, in one statement. */
  private async update(
    transaction: Executor,
    taskId: string,
    { columns, rows, from }: { columns: string[]; rows: SqlValue[][]; from: string[] },
  ): Promise<void> {
    const [first, ...others] = rows;
    if (!first) return;
    const selects = [`SELECT ${columns.map((column) => `? AS ${column}`).join(', ')}`];
    for (const other of others) selects.push(`SELECT ${other.map(() => '?').join(', ')}`);
    const [, ...set] = columns;
    await transaction.run(
      `UPDATE (${selects.join(' UNION ALL ')}) given STRAIGHT_JOIN flames_task_items i ON i.id = given.id
       SET ${set.map((column) => `i.${column} = ${valueOf(column)}`).join(', ')}
       WHERE i.task_id = ? AND i.status IN (?)`,
      [...rows.flat(), taskId, from],
    );
  }
}

/** What was cut stays cut, whether by us before the scorer saw it or by the scorer. */
function valueOf(column: string): string {
  return column === 'is_truncated' ? 'GREATEST(i.is_truncated, given.is_truncated)' : `given.${column}`;
}

function toAnswerRow(change: AnswerChange, at: Date): SqlValue[] {
  const { id, attempts } = change;
  if (change.kind === 'unanswered') {
    return [id, 'error', attempts, change.errorClass, change.message, null, null, null, null, null, 0, null, at];
  }
  const { text, latencyMs, promptTokens, completionTokens, finishReason, isCut = false } = change;
  const answer = [text, latencyMs, promptTokens, completionTokens, finishReason.slice(0, LONGEST_FINISH_REASON)];
  return [id, 'answered', attempts, null, null, ...answer, isCut ? 1 : 0, at, null];
}

function toScoreRow(change: ScoreChange, at: Date): SqlValue[] {
  const { id } = change;
  if (change.kind === 'unscored') return [id, 'error', null, 0, change.errorClass, change.message, at];
  return [id, 'scored', change.predicted, change.isTruncated ? 1 : 0, null, null, at];
}

/** Ids are far below 2^53; as numbers they compare with numbers. */
function withNumber<T extends { id: number }>(row: T): T {
  return { ...row, id: Number(row.id) };
}
