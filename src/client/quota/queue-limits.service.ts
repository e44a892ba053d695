import { Inject, Injectable } from '@nestjs/common';
import { Clock, TooManyError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { Executor } from '../../database/index.js';
import { QueueLimitsRepository } from './queue-limits.repository.js';

/** How long the count of the whole queue is used; this process's own submits are added to it meanwhile. */
const COUNT_HOLDS_MS = 1_000;
/** When it is worth trying again: a task takes seconds to minutes, so that places come free in this time. */
const RETRY_AFTER_SECONDS = 10;

/** Keeps one user from filling the queue, and all users from filling the disk. */
@Injectable()
export class QueueLimitsService {
  private waiting = 0;
  private countedMs = -Infinity;

  constructor(
    private readonly queue: QueueLimitsRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Admits one more waiting task; throws 429. Called after the charge, in its transaction: the charge holds the
   * user's row, so that of many submits of one user at once each sees those before it.
   */
  async admit(transaction: Executor, clientId: string): Promise<void> {
    const { queue, queuedPerUser } = this.settings.limits;
    if ((await this.queue.countOf(transaction, clientId, queuedPerUser)) >= queuedPerUser) {
      throw tooMany(
        `You have ${queuedPerUser} tasks waiting, which is as many as one user may have.`,
        'TOO_MANY_QUEUED',
      );
    }
    await this.recount(transaction, queue);
    if (this.waiting >= queue) throw tooMany('The queue is full.', 'QUEUE_FULL');
    this.waiting += 1;
  }

  /** The whole queue is counted once a second however many ask: exact to what other processes add in that time. */
  private async recount(transaction: Executor, most: number): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.countedMs < COUNT_HOLDS_MS) return;
    this.countedMs = nowMs;
    this.waiting = await this.queue.countAll(transaction, most);
  }
}

function tooMany(why: string, code: string): TooManyError {
  const message = `${why} Nothing was charged; try again in a while.`;
  return new TooManyError(message, code, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
