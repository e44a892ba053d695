import { Inject, Injectable } from '@nestjs/common';
import { Clock, LOGGER, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { figuresOfLabels } from '../reports/report-figures.js';
import { RetentionRepository } from './retention.repository.js';
import { TaskLogsRepository } from './task-logs.repository.js';

const DAY_MS = 86_400_000;

/** Removes the logs of evaluations that were completed long ago; the task, its result and its counts stay. */
@Injectable()
export class RetentionService {
  private readonly keptMs: number;

  constructor(
    @Inject(SETTINGS) { flames }: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly retention: RetentionRepository,
    private readonly rows: TaskLogsRepository,
  ) {
    this.keptMs = flames.retentionDays * DAY_MS;
  }

  /** Each run that finds something leaves a row, even one that is cut off. */
  async cleanUp(signal?: AbortSignal): Promise<{ tasks: number; rowsRemoved: number }> {
    const startedAt = this.clock.now();
    const olderThan = new Date(startedAt.getTime() - this.keptMs);
    const done = { tasks: 0, rowsRemoved: 0 };
    const passed: string[] = [];
    let due = await this.retention.listDue(olderThan, passed);
    if (due.length === 0) return done;
    const run = await this.retention.begin(startedAt, olderThan);
    for (; due.length > 0 && !signal?.aborted; due = await this.retention.listDue(olderThan, passed)) {
      for (const taskId of due) {
        if (signal?.aborted) break;
        if (await this.cleanTask(taskId, done, signal)) done.tasks += 1;
        else passed.push(taskId);
        await this.retention.note(run, { ...done, endedAt: null });
      }
    }
    await this.retention.note(run, { ...done, endedAt: this.clock.now() });
    this.logger.info({ ...done, olderThan }, 'old logs of evaluations removed');
    return done;
  }

  /** Of a task of an old installation nothing but its rows tells the counts. */
  private async keepFigures(taskId: string): Promise<void> {
    if (await this.retention.hasFigures(taskId)) return;
    await this.retention.insertFigures(taskId, figuresOfLabels(await this.rows.countLabels(taskId)));
  }

  /** False where something of it is there still. */
  private async cleanTask(
    taskId: string,
    done: { rowsRemoved: number },
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    await this.keepFigures(taskId);
    for await (const ids of this.rows.idPages(taskId)) {
      if (signal?.aborted) return false;
      const removed = await this.retention.removeLogs(taskId, ids);
      // A hold was set in the meantime: what is there stays.
      if (removed === 0) return false;
      done.rowsRemoved += removed;
    }
    await this.retention.removeItems(taskId);
    return this.retention.markRemoved(taskId, this.clock.now());
  }
}
