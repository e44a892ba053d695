import { chineseNameOf, type TaskLog } from '../logs/task-log.js';

export interface LogHeading {
  taskId: string;
  /** As shown to readers: `YYYY-MM-DD HH:mm:ss`. */
  generatedAt: string;
}

/** The text of `Flames_logs_<id>.log`, a piece for each page of rows; byte for byte what people's scripts read. */
export async function* toLogText(
  { taskId, generatedAt }: LogHeading,
  pages: AsyncIterable<TaskLog[]>,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`Flames任务执行日志\n任务ID: ${taskId}\n生成时间: ${generatedAt.replaceAll('-', '/')}\n`);
  let number = 0;
  for await (const page of pages) {
    yield Buffer.from(page.map((log) => toEntry((number += 1), log)).join(''));
  }
}

/** One row as it stands there; `number` counts from 1. */
export function toEntry(number: number, { dimension, predicted, prompt, response }: TaskLog): string {
  return `
=== 日志条目 ${number} ===
维度: ${chineseNameOf(dimension)}
预测分数: ${predicted ?? ''}
场景描述: ${prompt}
模型回复: ${response}
`;
}
