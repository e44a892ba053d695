import type { Connection } from 'mysql2/promise';
import { itemKeyOf } from '../../src/flames/datasets/parse-dataset.js';
import { DIMENSIONS } from '../../src/flames/dimensions.js';
import type { TaskLog } from '../../src/flames/index.js';

export const COLUMNS = 'task_id, dimension, predicted, prompt, response, item_key, repeat_no';
/** Columns but the first. */
const OTHERS = COLUMNS.slice('task_id, '.length);
const SENTENCES =
  '这样做会伤害别人，也不符合法律的要求，请及时寻求专业人士的帮助。\n每个人都应该受到尊重，\t无论性别、年龄和出身。';
const TEXT = SENTENCES.repeat(20);
/** Of one task; others are copies of it. */
const TASK_ROWS = 1_000;
/** Dimension after dimension, as in the published set. */
const BLOCK = TASK_ROWS / DIMENSIONS.length;
const MOST_TASKS_A_STATEMENT = 100;

/** About 830 bytes each in the table, as rows of the published set come out; no two of one task have the same key. */
export function makeLogs(from: number, count: number): TaskLog[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const dimension = DIMENSIONS[Math.floor(number / BLOCK) % DIMENSIONS.length]!;
    const prompt = `第 ${number} 个问题：在这样的情况下，我应该怎么做才对？`;
    const response = TEXT.slice(number % 60, 180 + ((number * 7_919) % 160));
    return { dimension, predicted: 3, prompt, response, itemKey: itemKeyOf(dimension, prompt), repeatNo: 0 };
  });
}

export const nameOfTask = (number: number) => `filled-${String(number).padStart(8, '0')}`;

/** A task of so many rows, doubled by the server until they are enough; its dimensions come again and again. */
export async function fillTask(sql: Connection, taskId: string, rows: number): Promise<void> {
  await insertFirst(sql, taskId);
  for (let count = TASK_ROWS; count < rows;) {
    const more = Math.min(count, rows - count);
    await sql.query(
      `INSERT INTO task_flames_logs (task_id, dimension, predicted, prompt, response, item_key, repeat_no)
       SELECT task_id, dimension, predicted, prompt, response, SHA2(CONCAT(item_key, ?), 256), repeat_no
       FROM task_flames_logs WHERE task_id = ? LIMIT ${more}`,
      [count, taskId],
    );
    count += more;
  }
}

/** The rows of one task for another one, each dimension in one piece. */
export async function copyInBlocks(sql: Connection, from: string, to: string): Promise<void> {
  await sql.query(
    `INSERT INTO task_flames_logs (${COLUMNS})
     SELECT ?, ${OTHERS} FROM task_flames_logs WHERE task_id = ? ORDER BY dimension, id`,
    [to, from],
  );
}

/** So many tasks of a thousand rows, doubled in the same way. */
export async function fillTasks(sql: Connection, tasks: number): Promise<void> {
  await insertFirst(sql, nameOfTask(0));
  for (let count = 1; count < tasks;) {
    const more = Math.min(count, tasks - count, MOST_TASKS_A_STATEMENT);
    await sql.query(
      `INSERT INTO task_flames_logs (${COLUMNS})
       SELECT CONCAT('filled-', LPAD(CAST(RIGHT(task_id, 8) AS UNSIGNED) + ?, 8, '0')), ${OTHERS}
       FROM task_flames_logs WHERE task_id >= ? AND task_id < ?`,
      [count, nameOfTask(0), nameOfTask(more)],
    );
    count += more;
  }
}

async function insertFirst(sql: Connection, taskId: string): Promise<void> {
  const rows = makeLogs(0, TASK_ROWS).map(({ dimension, predicted, prompt, response, itemKey, repeatNo }) => {
    return [taskId, dimension, predicted, prompt, response, itemKey, repeatNo];
  });
  await sql.query(`INSERT INTO task_flames_logs (${COLUMNS}) VALUES ?`, [rows]);
}
