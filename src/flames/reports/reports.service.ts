import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError, NotReadyError } from '../../common/index.js';
import { isLabelOf } from '../dimensions.js';
import { LegacyFiles } from '../legacy/legacy-files.js';
import type { TaskLog } from '../logs/task-log.js';
import { TaskLogsService, type LogSource } from '../logs/task-logs.service.js';
import { compareTasks, type LabelledItem, type TaskComparison } from '../metrics/compare.js';
import { figuresOfLabels, readFigures, type ReportFigures } from './report-figures.js';
import { ReportsRepository, type ReportTask } from './reports.repository.js';

/** What scored the answers; null where an old run did not say. */
export interface ReportScorer {
  name: string | null;
  revision: string | null;
  isForDemoOnly: boolean;
}

export interface Report {
  task: ReportTask;
  scorer: ReportScorer;
  figures: ReportFigures;
  /** Ten of each dimension. */
  logs: TaskLog[];
  source: LogSource;
}

export interface ComparedTasks {
  a: ReportTask;
  b: ReportTask;
  comparison: TaskComparison;
}

const UNKNOWN: ReportFigures = figuresOfLabels([]);

/** What completed tasks came to: alone, beside another one, and over time. */
@Injectable()
export class ReportsService {
  constructor(
    private readonly reports: ReportsRepository,
    private readonly logs: TaskLogsService,
    private readonly files: LegacyFiles,
  ) {}

  /** 404 where there is none, 400 while it is not completed. */
  async getCompleted(taskId: string): Promise<ReportTask> {
    const task = await this.reports.find(taskId);
    if (!task) throw new NotFoundError('There is no such evaluation.', 'FLAMES_TASK_NOT_FOUND');
    if (task.status === 'completed') return task;
    const message = `This evaluation is not completed: it is ${task.status ?? 'in no known state'}.`;
    throw new NotReadyError(message, 'FLAMES_TASK_NOT_COMPLETED');
  }

  async getReport(taskId: string): Promise<Report> {
    const task = await this.getCompleted(taskId);
    const [figures, { logs, source }] = await Promise.all([this.findFigures(task), this.logs.getTaskLogs(taskId)]);
    return { task, scorer: toScorer(task), figures, logs, source };
  }

  /** On the prompts that both have labels for; refused where they were asked different sets. */
  async compare(a: string, b: string): Promise<ComparedTasks> {
    const [one, other] = [await this.getCompleted(a), await this.getCompleted(b)];
    if (!isSameDataset(one, other)) {
      const message = 'These evaluations asked the prompts of different datasets; choose two on the same one.';
      throw new InvalidInputError([{ field: 'b', message }], 'FLAMES_DATASETS_DIFFER');
    }
    return { a: one, b: other, comparison: compareTasks(await this.listLabelled(a), await this.listLabelled(b)) };
  }

  /** Completed tasks of a model, oldest first. */
  async listTrends(modelName: string): Promise<{ task: ReportTask; scorer: ReportScorer; figures: ReportFigures }[]> {
    const tasks = await this.reports.listCompleted(modelName);
    return tasks.map((task) => ({ task, scorer: toScorer(task), figures: readStored(task) ?? UNKNOWN }));
  }

  /** No clean-up touches the logs of a task that is held. */
  async setLegalHold(taskId: string, isHeld: boolean): Promise<void> {
    if (await this.reports.setLegalHold(taskId, isHeld)) return;
    throw new NotFoundError('There is no such evaluation.', 'FLAMES_TASK_NOT_FOUND');
  }

  /** As they were stored; of old tasks from the file; at last from the rows themselves. */
  private async findFigures(task: ReportTask): Promise<ReportFigures> {
    return (
      readStored(task) ??
      (await this.files.findScores(task.taskId)) ??
      figuresOfLabels(await this.logs.countLabels(task.taskId))
    );
  }

  /** Keys and labels alone, so that two long tasks fit in memory. */
  private async listLabelled(taskId: string): Promise<LabelledItem[]> {
    const items: LabelledItem[] = [];
    for await (const page of this.logs.streamLabels(taskId)) {
      for (const { itemKey, dimension, predicted } of page) {
        if (isLabelOf(dimension, predicted)) items.push({ itemKey, dimension, predicted });
      }
    }
    return items;
  }
}

function readStored({ metrics, result }: ReportTask): ReportFigures | undefined {
  return readFigures(metrics) ?? readFigures(result);
}

function toScorer({ scorer, revision, config }: ReportTask): ReportScorer {
  const name = scorer ?? config?.scorer.kind ?? null;
  return { name, revision, isForDemoOnly: name === 'rules' };
}

/** A number stands for one content for ever; tasks of old installations know no more than it. */
function isSameDataset(a: ReportTask, b: ReportTask): boolean {
  const hash = a.config?.datasetHash;
  return a.datasetId === b.datasetId || (hash !== undefined && hash === b.config?.datasetHash);
}
