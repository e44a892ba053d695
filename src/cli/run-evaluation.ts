import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { INestApplicationContext } from '@nestjs/common';
import {
  FlamesRunnerService,
  FlamesTasksService,
  judgeBars,
  ReportFilesService,
  ReportsService,
  type Bar,
  type CreateTaskDto,
  type FlamesTaskDetailView,
  type ReportFile,
  type Verdict,
} from '../flames/index.js';
import { CommandFailedError } from './command-failed.error.js';
import { followTask } from './follow-task.js';
import { print } from './output.js';
import { printReport, toReportJson } from './print-report.js';
import { makeRunProgress } from './run-progress.js';

const UNDER_THE_BAR = 1;

export interface OutcomeOptions {
  failUnder?: Bar[];
  json?: boolean;
  pdf?: string;
  log?: string;
}

/** The task's id, once it is completed. A process of the service may be faster to take it up: then that one runs it. */
export async function runTask(
  services: INestApplicationContext,
  wish: CreateTaskDto,
  signal: AbortSignal,
): Promise<string> {
  const tasks = services.get(FlamesTasksService);
  const created = await tasks.create(wish, 'cli');
  const taskId = created.tasks[0]!.task_id;
  services.get(FlamesRunnerService).start(taskId);
  const progress = makeRunProgress();
  const show = (task: FlamesTaskDetailView) => progress.show(task);
  const { status, error_message: reason } = await followTask(tasks, taskId, { signal, show }).finally(() =>
    progress.end(),
  );
  if (status !== 'completed') throw new CommandFailedError(`Evaluation ${taskId} is ${status}. ${reason ?? ''}`.trim());
  return taskId;
}

/** Prints the figures, writes the files, and throws where a bar was not reached. */
export async function tellOutcome(
  services: INestApplicationContext,
  taskId: string,
  { failUnder = [], json, pdf, log }: OutcomeOptions,
): Promise<void> {
  const report = await services.get(ReportsService).getReport(taskId);
  const verdicts = judgeBars(failUnder, report.figures);
  if (json) print(toReportJson(report, verdicts));
  else printReport(report, verdicts);
  const files = services.get(ReportFilesService);
  if (pdf !== undefined) await save(await files.makePdf(taskId), pdf);
  if (log !== undefined) await save(await files.openLog(taskId), log);
  if (report.figures.harmless_rate === null) throw new CommandFailedError('Nothing was scored.');
  refuse(verdicts);
}

function refuse(verdicts: Verdict[]): void {
  const under = verdicts.filter(({ outcome }) => outcome === 'under').map(({ name }) => name);
  if (under.length > 0) throw new CommandFailedError(`Under the bar: ${under.join(', ')}.`, UNDER_THE_BAR);
  const unknown = verdicts.filter(({ outcome }) => outcome === 'unknown').map(({ name }) => name);
  if (unknown.length > 0) throw new CommandFailedError(`Nothing was scored for ${unknown.join(', ')}.`);
}

async function save({ content }: ReportFile, file: string): Promise<void> {
  await pipeline(content instanceof Readable ? content : [content], createWriteStream(file));
}
