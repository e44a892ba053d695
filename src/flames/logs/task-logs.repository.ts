import { Injectable } from '@nestjs/common';
import { InjectDatabase, ROWS_A_STATEMENT, statementBatches, type Database } from '../../database/index.js';
import { itemKeyOf } from '../datasets/parse-dataset.js';
import { DIMENSIONS, parseDimension, spellingsOf, type Dimension } from '../dimensions.js';
import type { TaskLog } from './task-log.js';

interface LogRow {
  id: string;
  dimension: string;
  predicted: number | null;
  prompt: string | null;
  response: string | null;
  itemKey: string | null;
  repeatNo: number;
}

/** What a comparison needs of a row. */
export type TaskLabel = Pick<TaskLog, 'itemKey' | 'dimension' | 'predicted'>;
type LabelRow = Omit<LogRow, 'response' | 'repeatNo'>;

/** Of old rows the prompt tells the key. */
const LABEL_COLUMNS = 'id, dimension, predicted, item_key AS itemKey, IF(item_key IS NULL, prompt, NULL) AS prompt';
const COLUMNS = 'id, dimension, predicted, prompt, response, item_key AS itemKey, repeat_no AS repeatNo';
/** About a thousand bytes a row, so half a megabyte in memory at once. */
const PAGE_ROWS = 500;
const PAGE_LABELS = 5_000;
const DELETED_AT_ONCE = 1_000;
/** Upper and lower case are one to the column. */
const SPELLINGS = [...new Set(DIMENSIONS.flatMap(spellingsOf).map((spelling) => spelling.toLowerCase()))];

// Not INSERT IGNORE: that would cut what is too long and say nothing.
const insertOf = (values: string) =>
  `INSERT INTO task_flames_logs (task_id, dimension, predicted, prompt, response, item_key, repeat_no) VALUES ${values}
   ON DUPLICATE KEY UPDATE id = id`;
const INSERT_FULL = insertOf(Array(ROWS_A_STATEMENT).fill('(?, ?, ?, ?, ?, ?, ?)').join(', '));

/** What one statement could not write: these rows, and all that were to follow. */
export class LogsRefusedError extends Error {
  constructor(
    readonly rest: TaskLog[],
    options: { cause: unknown },
  ) {
    super('log rows could not be written', options);
  }
}

/** SQL of `task_flames_logs`. Every read goes by (task_id, dimension, id): the table holds the rows of all tasks. */
@Injectable()
export class TaskLogsRepository {
  constructor(@InjectDatabase('flames') private readonly database: Database) {}

  /** Rows that are there already stay as they are. */
  async insert(taskId: string, logs: TaskLog[]): Promise<void> {
    let written = 0;
    try {
      for (const batch of statementBatches(logs, ({ prompt, response }) => prompt.length + response.length)) {
        await this.insertBatch(taskId, batch);
        written += batch.length;
      }
    } catch (error) {
      throw new LogsRefusedError(logs.slice(written), { cause: error });
    }
  }

  /** The first rows of each dimension, in the order of the dimensions. */
  async listFirst(taskId: string, limitPerDimension: number): Promise<TaskLog[]> {
    const branch = `(SELECT ${COLUMNS} FROM task_flames_logs WHERE task_id = ? AND dimension = ? ORDER BY id LIMIT ?)`;
    const rows = await this.database.rows<LogRow>(
      SPELLINGS.map(() => branch).join(' UNION ALL '),
      SPELLINGS.flatMap((spelling) => [taskId, spelling, limitPerDimension]),
    );
    const logs = rows.map(toTaskLog);
    return DIMENSIONS.flatMap((name) => logs.filter(({ dimension }) => dimension === name).slice(0, limitPerDimension));
  }

  /** All rows of a task, dimension after dimension, a page in memory at a time. */
  async *pages(taskId: string): AsyncGenerator<TaskLog[]> {
    for await (const rows of this.rowPages<LogRow>(taskId, COLUMNS, PAGE_ROWS)) yield rows.map(toTaskLog);
  }

  /** The same without the texts, which are nearly all of it. */
  async *labelPages(taskId: string): AsyncGenerator<TaskLabel[]> {
    for await (const rows of this.rowPages<LabelRow>(taskId, LABEL_COLUMNS, PAGE_LABELS)) yield rows.map(toTaskLabel);
  }

  private async *rowPages<T extends { id: string }>(
    taskId: string,
    columns: string,
    pageRows: number,
  ): AsyncGenerator<T[]> {
    const sql = `SELECT ${columns} FROM task_flames_logs WHERE task_id = ? AND dimension = ? AND id > ? ORDER BY id LIMIT ?`;
    for (const dimension of await this.listDimensions(taskId)) {
      const read = (after: string) => this.database.rows<T>(sql, [taskId, dimension, after, pageRows]);
      for (let rows = await read('0'); rows.length > 0;) {
        // The server reads the next page while this one is worked on.
        const next = rows.length < pageRows ? Promise.resolve([]) : read(rows.at(-1)!.id);
        // Whoever stops in the middle never awaits it.
        next.catch(() => undefined);
        yield rows;
        rows = await next;
      }
    }
  }

  /** How many rows of each label a dimension has. */
  async countLabels(taskId: string): Promise<{ dimension: string; predicted: number | null; rows: number }[]> {
    const counted = await this.database.rows<{ dimension: string; predicted: number | null; found: string }>(
      `SELECT dimension, predicted, COUNT(*) AS found FROM task_flames_logs WHERE task_id = ?
       GROUP BY dimension, predicted`,
      [taskId],
    );
    return counted.map(({ dimension, predicted, found }) => ({ dimension, predicted, rows: Number(found) }));
  }

  /** Removes a task's rows in batches that hold no lock for long. */
  async delete(taskId: string): Promise<number> {
    let removed = 0;
    for await (const ids of this.idPages(taskId)) {
      removed += await this.database.run('DELETE FROM task_flames_logs WHERE id IN (?)', [ids]);
    }
    return removed;
  }

  /** The ids of all rows of a task, as many at a time as one statement should remove. */
  async *idPages(taskId: string): AsyncGenerator<string[]> {
    for (const dimension of await this.listDimensions(taskId)) {
      for (let after = '0'; ;) {
        const rows = await this.database.rows<{ id: string }>(
          'SELECT id FROM task_flames_logs WHERE task_id = ? AND dimension = ? AND id > ? ORDER BY id LIMIT ?',
          [taskId, dimension, after, DELETED_AT_ONCE],
        );
        if (rows.length === 0) break;
        after = rows.at(-1)!.id;
        yield rows.map(({ id }) => id);
      }
    }
  }

  /** Rows that come in after a clean-up are for the next one. */
  async expectRetention(taskId: string): Promise<void> {
    const sql = 'UPDATE task_flames SET logs_removed_at = NULL WHERE task_id = ? AND logs_removed_at IS NOT NULL';
    await this.database.run(sql, [taskId]);
  }

  /** As they are written there: ours first, then what no dataset of ours holds. */
  private async listDimensions(taskId: string): Promise<string[]> {
    const rows = await this.database.rows<{ dimension: string }>(
      'SELECT DISTINCT dimension FROM task_flames_logs WHERE task_id = ?',
      [taskId],
    );
    const place = ({ dimension }: { dimension: string }) => (SPELLINGS.indexOf(dimension.toLowerCase()) + 1 || 99) - 1;
    return rows.sort((a, b) => place(a) - place(b)).map(({ dimension }) => dimension);
  }

  /** Rows by the thousand mostly come in full statements, and one text of those is prepared; any other would be one more. */
  private insertBatch(taskId: string, batch: TaskLog[]): Promise<number> {
    const rows = batch.map(({ dimension, predicted, prompt, response, itemKey, repeatNo }) => {
      return [taskId, dimension, predicted, prompt, response, itemKey, repeatNo];
    });
    return rows.length === ROWS_A_STATEMENT
      ? this.database.runPrepared(INSERT_FULL, rows.flat())
      : this.database.run(insertOf('?'), [rows]);
  }
}

function toTaskLog(row: LogRow): TaskLog {
  return { ...toTaskLabel(row), prompt: row.prompt ?? '', response: row.response ?? '', repeatNo: row.repeatNo };
}

function toTaskLabel(row: LabelRow): TaskLabel {
  const dimension = parseDimension(row.dimension) ?? (row.dimension as Dimension);
  return { dimension, predicted: row.predicted, itemKey: row.itemKey ?? itemKeyOf(dimension, row.prompt ?? '') };
}
