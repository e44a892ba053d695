import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { Database, InjectDatabase } from '../../database/index.js';
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
  ) {}

  async apply(wishes: TaskWish[]): Promise<void> {
    if (wishes.length === 0) return;
    await this.database.transaction(async (transaction) => {
      await this.wishes.merge(transaction, wishes, this.clock.now());
      await this.wishes.addParameters(transaction, wishes);
      const cancelled = wishes.filter(({ cancelRun }) => cancelRun > 0).map(({ taskId }) => taskId);
      if (cancelled.length === 0) return;
      const queued = await this.wishes.listQueuedToCancel(transaction, cancelled);
      await this.transitions.applyAll(
        transaction,
        queued.map(({ taskId, runNo }) => ({
          taskId,
          runNo,
          from: 'queued',
          to: 'cancelled',
          changes: { completedAt: this.clock.now(), retryAt: null },
        })),
      );
    });
    this.signals.emit('shared.outbox');
    this.signals.emit('queue.changed');
    this.signals.emit('assignments.changed');
  }
}
