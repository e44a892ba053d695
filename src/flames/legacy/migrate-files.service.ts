import { Injectable } from '@nestjs/common';
import { TaskLogsRepository } from '../logs/task-logs.repository.js';
import type { TaskLog } from '../logs/task-log.js';
import { figuresOfLabels } from '../reports/report-figures.js';
import { LegacyFolder } from './legacy-files.js';
import { toTaskLog, type LegacyLogFile } from './legacy-log-file.js';
import { LegacyTasksRepository } from './legacy-tasks.repository.js';

export interface BadLegacyLine {
  line: number;
  problem: string;
}

export interface MigratedTask {
  taskId: string;
  /** Why nothing of it was touched. */
  skipped?: string;
  rows: number;
  /** Of `rows`: new to the database; 0 the second time. */
  added: number;
  /** Of `rows`: API failures that the old service had scored. */
  apiErrors: number;
  badLines: BadLegacyLine[];
}

interface MigrateOptions {
  isDryRun: boolean;
}

const ROWS_AT_ONCE = 2_000;

/** Brings the files of an old installation into the database; again and again it brings what is missing alone. */
@Injectable()
export class MigrateFilesService {
  constructor(
    private readonly rows: TaskLogsRepository,
    private readonly tasks: LegacyTasksRepository,
  ) {}

  /** Task after task, so that whoever stops it in the middle has done all before. */
  async *migrate(folder: string, options: MigrateOptions): AsyncGenerator<MigratedTask> {
    const files = new LegacyFolder(folder);
    for (const taskId of await files.listTaskIds()) {
      const file = await files.findLogs(taskId);
      if (file) yield await this.migrateTask(taskId, { file, files, ...options });
    }
  }

  private async migrateTask(
    taskId: string,
    { file, files, isDryRun }: MigrateOptions & { file: LegacyLogFile; files: LegacyFolder },
  ): Promise<MigratedTask> {
    const done: MigratedTask = { taskId, rows: 0, added: 0, apiErrors: 0, badLines: [] };
    const skipped = await this.tasks.findObstacle(taskId);
    if (skipped) return { ...done, skipped };
    // Rows that the old service wrote itself get their keys first, or the file's would stand beside them.
    if (!isDryRun) await this.tasks.giveKeys(taskId);
    const known = await this.tasks.listKeys(taskId);
    await this.bringRows(done, { file, known, isDryRun });
    if (isDryRun || done.rows === 0) return done;
    const figures = figuresOfLabels(await this.rows.countLabels(taskId));
    const [scores, error] = [await files.findScores(taskId), await files.findError(taskId)];
    await this.tasks.complete(taskId, { figures, scores, error, endTime: await file.writtenAt() });
    return done;
  }

  private async bringRows(
    done: MigratedTask,
    { file, known, isDryRun }: { file: LegacyLogFile; known: Set<string>; isDryRun: boolean },
  ): Promise<void> {
    let waiting: TaskLog[] = [];
    const write = async () => {
      if (!isDryRun) await this.rows.insert(done.taskId, waiting);
      waiting = [];
    };
    for await (const { line, row, problem } of file.lines()) {
      if (problem !== undefined) done.badLines.push({ line, problem });
      if (!row) continue;
      done.rows += 1;
      if (row.isApiError) done.apiErrors += 1;
      if (known.has(`${row.itemKey} ${row.repeatNo}`)) continue;
      done.added += 1;
      waiting.push(toTaskLog(row));
      if (waiting.length === ROWS_AT_ONCE) await write();
    }
    if (waiting.length > 0) await write();
  }
}
