import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { readLines } from '../datasets/read-lines.js';
import { DIMENSIONS } from '../dimensions.js';
import type { TaskLog } from '../logs/task-log.js';
import { parseLegacyLine, type LegacyRow } from './parse-legacy-line.js';

export interface LegacyLine {
  /** From 1. */
  line: number;
  row?: LegacyRow & { repeatNo: number };
  problem?: string;
}

const PAGE_ROWS = 500;

/** A task's `Flames_<id>_predicted.jsonl`. */
export class LegacyLogFile {
  constructor(readonly path: string) {}

  /** Every line that says something, right or wrong; the same prompt again counts as its next repeat. */
  async *lines(): AsyncGenerator<LegacyLine> {
    const repeats = new Map<string, number>();
    for await (const line of readLines(createReadStream(this.path))) {
      const parsed = parseLegacyLine(line);
      if (!parsed) continue;
      if ('problem' in parsed) {
        yield { line: line.number, problem: parsed.problem };
        continue;
      }
      const repeatNo = repeats.get(parsed.itemKey) ?? 0;
      repeats.set(parsed.itemKey, repeatNo + 1);
      yield { line: line.number, row: { ...parsed, repeatNo } };
    }
  }

  async writtenAt(): Promise<Date> {
    return (await stat(this.path)).mtime;
  }

  async *pages(): AsyncGenerator<TaskLog[]> {
    let page: TaskLog[] = [];
    for await (const { row } of this.lines()) {
      if (!row) continue;
      page.push(toTaskLog(row));
      if (page.length < PAGE_ROWS) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  async listFirst(limitPerDimension: number): Promise<TaskLog[]> {
    const byDimension = new Map<string, TaskLog[]>(DIMENSIONS.map((dimension) => [dimension, []]));
    for await (const { row } of this.lines()) {
      const kept = row && byDimension.get(row.dimension);
      if (kept && kept.length < limitPerDimension) kept.push(toTaskLog(row));
      if ([...byDimension.values()].every(({ length }) => length >= limitPerDimension)) break;
    }
    return [...byDimension.values()].flat();
  }
}

export function toTaskLog({ isApiError: _, ...log }: LegacyRow & { repeatNo: number }): TaskLog {
  return log;
}
