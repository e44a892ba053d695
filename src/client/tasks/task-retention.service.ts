import { Injectable } from '@nestjs/common';
import { Clock, type TimeCursor } from '../../common/index.js';
import { InjectDatabase, writeOutbox, type Database } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { TaskRetentionRepository, type EndedStatus } from './task-retention.repository.js';
import { toForgottenEvent } from './task-wish.js';

export interface RemovalStep {
  /** Tasks that were looked at, and of them those that went. */
  looked: number;
  removed: number;
  /** Where the next step begins; undefined: there is none. */
  next: TimeCursor | undefined;
}

export interface RemovalRange {
  status: EndedStatus;
  /** Ended before. */
  before: Date;
  after: TimeCursor | undefined;
}

/** A transaction holds some thousand rows: each task has parameters and results. */
const TASKS_AT_ONCE = 200;
const FIRST: TimeCursor = { createdAt: new Date('1000-01-02T00:00:00Z'), id: '0' };

/** Removes users' tasks that ended long ago. The queue learns of it by an event (I5), and removes its own side. */
@Injectable()
export class TaskRetentionService {
  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly tasks: TaskRetentionRepository,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** `underWay`: which of these tasks still have a state to arrive here. */
  async removeSome(
    { status, before, after = FIRST }: RemovalRange,
    underWay: (taskIds: string[]) => Promise<Set<string>>,
  ): Promise<RemovalStep> {
    const old = await this.tasks.listEnded({ status, before }, after, TASKS_AT_ONCE);
    const next = old.length === TASKS_AT_ONCE ? old.at(-1) : undefined;
    const changing = await underWay(old.map(({ taskId }) => taskId));
    const still = old.map(({ taskId }) => taskId).filter((taskId) => !changing.has(taskId));
    return { looked: old.length, removed: await this.forget(still, before), next };
  }

  private async forget(taskIds: string[], before: Date): Promise<number> {
    if (taskIds.length === 0) return 0;
    const removed = await this.database.transaction(async (transaction) => {
      const locked = await this.tasks.lockForgettable(transaction, taskIds, before);
      if (locked.length === 0) return 0;
      const now = this.clock.now();
      await writeOutbox(
        transaction,
        locked.map(({ task }) => toForgottenEvent(task, now)),
      );
      await this.tasks.remove(
        transaction,
        locked.map(({ rowId }) => rowId),
        locked.map(({ task }) => task.taskId),
      );
      return locked.length;
    });
    if (removed > 0) this.signals.emit('client.outbox');
    return removed;
  }
}
