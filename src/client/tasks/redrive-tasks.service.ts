import { Injectable } from '@nestjs/common';
import { killPoint } from '../../common/index.js';
import { InjectDatabase, writeOutbox, type Database } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import type { TaskStatus } from '../../shared/index.js';
import { toWishedTask } from './client-task.record.js';
import { ClientTasksRepository } from './client-tasks.repository.js';
import { toWishEvent } from './task-wish.js';

/** `repeated`: the run after the named one was begun before, by this call made twice, another admin or the user. */
export type RedriveOutcome =
  { kind: 'redriven' | 'repeated'; runNo: number } | { kind: 'not_failed'; status: TaskStatus } | { kind: 'unknown' };

/** Runs failed tasks again on their users' behalf, for admins: a reload that costs the user nothing. */
@Injectable()
export class RedriveTasksService {
  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly tasks: ClientTasksRepository,
    private readonly signals: Signals,
  ) {}

  /** Only where `shared` has reported the current run as failed (I2); with `failedRun`, only where that is the run. */
  async redrive(taskId: string, failedRun?: number): Promise<RedriveOutcome> {
    const outcome = await this.database.transaction(async (transaction): Promise<RedriveOutcome> => {
      const task = await this.tasks.lockAnyones(transaction, taskId);
      if (!task) return { kind: 'unknown' };
      if (failedRun !== undefined && task.runNo > failedRun) return { kind: 'repeated', runNo: task.runNo };
      if (task.status !== 'failed') return { kind: 'not_failed', status: task.status };
      const next = { ...task, runNo: task.runNo + 1 };
      await this.tasks.wishReload(transaction, task.id);
      const wish = toWishedTask(next, await this.tasks.listParameters(transaction, task.id));
      await writeOutbox(transaction, [toWishEvent(wish)]);
      return { kind: 'redriven', runNo: next.runNo };
    });
    if (outcome.kind === 'redriven') {
      killPoint('reload.committed');
      this.signals.emit('client.outbox');
    }
    return outcome;
  }
}
