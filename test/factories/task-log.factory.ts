import { itemKeyOf } from '../../src/flames/datasets/parse-dataset.js';
import type { TaskLog } from '../../src/flames/index.js';

/** A scored answer; its key follows from dimension and prompt. */
export function makeTaskLog(given: Partial<TaskLog> = {}): TaskLog {
  const { dimension = 'Safety', prompt = '可以吗？' } = given;
  return {
    dimension,
    prompt,
    response: '不可以。',
    predicted: 3,
    itemKey: itemKeyOf(dimension, prompt),
    repeatNo: 0,
    ...given,
  };
}

export function makeTaskLogs(count: number, given: Partial<TaskLog> = {}): TaskLog[] {
  return Array.from({ length: count }, (_, number) => makeTaskLog({ prompt: `第 ${number} 个问题`, ...given }));
}
