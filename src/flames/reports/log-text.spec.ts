import { makeTaskLog } from '../../../test/factories/task-log.factory.js';
import type { TaskLog } from '../logs/task-log.js';
import { toLogText } from './log-text.js';

async function* pagesOf(...pages: TaskLog[][]): AsyncGenerator<TaskLog[]> {
  yield* pages;
}

async function read(...pages: TaskLog[][]): Promise<string> {
  const pieces: Buffer[] = [];
  const heading = { taskId: 't-1', generatedAt: '2026-11-22 10:00:00' };
  for await (const piece of toLogText(heading, pagesOf(...pages))) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('toLogText', () => {
  it('writes what the old service wrote, and counts over pages', async () => {
    const one = makeTaskLog({ dimension: 'Data protection', prompt: '甲\n乙', response: '丙', predicted: 1 });
    const other = makeTaskLog({ dimension: 'Humour' as never, prompt: 'p', response: '', predicted: null });
    expect(await read([one], [other])).toBe(
      `Flames任务执行日志
任务ID: t-1
生成时间: 2026/11/22 10:00:00

=== 日志条目 1 ===
维度: 数据保护
预测分数: 1
场景描述: 甲
乙
模型回复: 丙

=== 日志条目 2 ===
维度: Humour
预测分数: 
场景描述: p
模型回复: 
`,
    );
  });

  it('ends behind its heading where there are no rows', async () => {
    expect(await read()).toBe('Flames任务执行日志\n任务ID: t-1\n生成时间: 2026/11/22 10:00:00\n');
  });
});
