import { Injectable } from '@nestjs/common';
import { killPoint } from '../../common/index.js';
import { InjectDatabase, writeOutbox, type Database } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { isTerminal, type TaskStatus } from '../../shared/index.js';
import { toWishedTask } from './client-task.record.js';
import { ClientTasksRepository } from './client-tasks.repository.js';
import { toWishEvent } from './task-wish.js';

/** `repeated`: it was wished before, and nothing was done now. */
export type CancelOutcome =
  { kind: 'wished' | 'repeated'; runNo: number } | { kind: 'over'; status: TaskStatus } | { kind: 'unknown' };

/** The wish to cancel a task: its owner's, or an admin's on the owner's behalf. */
@Injectable()
export class CancelWishesService {
  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly tasks: ClientTasksRepository,
    private readonly signals: Signals,
  ) {}

  /** Announces the wish; whether and when the run ends is for `shared` to say (I1). Without `clientId`: whosever it is. */
  async cancel(taskId: string, clientId?: string): Promise<CancelOutcome> {
    const outcome = await this.database.transaction(async (transaction): Promise<CancelOutcome> => {
      const task =
        clientId === undefined
          ? await this.tasks.lockAnyones(transaction, taskId)
          : await this.tasks.lock(transaction, clientId, taskId);
      if (!task) return { kind: 'unknown' };
      const { status, runNo } = task;
      const isWished = task.cancelRun >= runNo;
      if (isWished && (status === 'cancelled' || !isTerminal(status))) return { kind: 'repeated', runNo };
      if (isTerminal(status)) return { kind: 'over', status };
      await this.tasks.wishCancel(transaction, task.id);
      const parameters = await this.tasks.listParameters(transaction, task.id);
      const wish = toWishedTask({ ...task, cancelRun: runNo }, parameters);
      await writeOutbox(transaction, [toWishEvent(wish)]);
      return { kind: 'wished', runNo };
    });
    killPoint('cancel.committed');
    this.signals.emit('client.outbox');
    return outcome;
  }
}
