import { Injectable } from '@nestjs/common';
import { Clock, Metrics } from '../../common/index.js';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import type { TaskWish } from './task-events.js';
import { TaskTransitions } from './task-transitions.js';
import { TaskWishesRepository } from './task-wishes.repository.js';

/** Turns wishes (submit, reload, cancel) into the queue's state: idempotent, whatever their order. */
@Injectable()
export class TaskWishesService {
  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly wishes: TaskWishesRepository,
    private readonly transitions: TaskTransitions,
    private readonly signals: Signals,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  async apply(wishes: TaskWish[]): Promise<void> {
    if (wishes.length === 0) return;
    const cancelled = await this.database.transaction((transaction) => this.write(transaction, wishes));
    this.metrics.noteSettled('cancelled', cancelled);
    this.signals.emit('shared.outbox');
    this.signals.emit('queue.changed');
    this.signals.emit('assignments.changed');
  }

  /** How many tasks were cancelled by it. */
  private async write(transaction: Executor, wishes: TaskWish[]): Promise<number> {
    await this.wishes.merge(transaction, wishes, this.clock.now());
    await this.wishes.addParameters(transaction, wishes);
    const wished = wishes.filter(({ cancelRun }) => cancelRun > 0).map(({ taskId }) => taskId);
    if (wished.length === 0) return 0;
    const queued = await this.wishes.listQueuedToCancel(transaction, wished);
    const cancelled = await this.transitions.applyAll(
      transaction,
      queued.map(({ taskId, runNo }) => ({
        taskId,
        runNo,
        from: 'queued',
        to: 'cancelled',
        changes: { completedAt: this.clock.now(), retryAt: null },
      })),
    );
    return cancelled.length;
  }
}
