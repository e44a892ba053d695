import { Inject, Injectable } from '@nestjs/common';
import { Clock, TooManyError } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import type { Executor } from '../../database/index.js';
import { QueueLimitsRepository } from './queue-limits.repository.js';

/** How long the count of the whole queue is used; this process's own submits are added to it meanwhile. */
const COUNT_HOLDS_MS = 1_000;
/** When it is worth trying again: a task takes seconds to minutes, so that places come free in this time. */
const RETRY_AFTER_SECONDS = 10;

interface Count {
  waiting: number;
  countedMs: number;
}

/** Users whose counts are remembered at most. */
const MAX_USERS = 10_000;

/** Keeps one user from filling the queue, and all users from filling the disk. */
@Injectable()
export class QueueLimitsService {
  private all: Count = { waiting: 0, countedMs: -Infinity };
  private readonly users = new Map<string, Count>();

  constructor(
    private readonly queue: QueueLimitsRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Admits waiting tasks of these users, one for each time that a user is named; throws 429. Called after the charge,
   * in its transaction: the charge holds the users' rows, so that of many submits of one user at once each sees those
   * before it.
   */
  async admit(transaction: Executor, clientIds: string[]): Promise<void> {
    const { queue, queuedPerUser } = this.settings.limits;
    await this.countUsers(transaction, [...new Set(clientIds)], queuedPerUser);
    for (const clientId of clientIds) {
      const count = this.users.get(clientId)!;
      if (count.waiting >= queuedPerUser) throw userHasTooMany(queuedPerUser);
      count.waiting += 1;
    }
    await this.countAll(transaction, queue);
    if (this.all.waiting + clientIds.length > queue) throw tooMany('The queue is full.', 'QUEUE_FULL');
    this.all.waiting += clientIds.length;
  }

  /**
   * Far from the limit a count is used for a second, with what this process added to it; within its second half it is
   * taken anew each time, and so exact.
   */
  private async countUsers(transaction: Executor, clientIds: string[], most: number): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    const stale = clientIds.filter((clientId) => {
      const count = this.users.get(clientId);
      return !count || count.waiting * 2 >= most || nowMs - count.countedMs >= COUNT_HOLDS_MS;
    });
    if (stale.length === 0) return;
    const counts = await this.queue.countOfEach(transaction, stale, most);
    for (const clientId of stale) {
      this.users.delete(clientId);
      this.users.set(clientId, { waiting: counts.get(clientId) ?? 0, countedMs: nowMs });
    }
    this.forgetOldest(clientIds);
  }

  private forgetOldest(needed: string[]): void {
    for (const clientId of this.users.keys()) {
      if (this.users.size <= MAX_USERS) return;
      if (!needed.includes(clientId)) this.users.delete(clientId);
    }
  }

  /** The whole queue is counted once a second however many ask: exact to what other processes add in that time. */
  private async countAll(transaction: Executor, most: number): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.all.countedMs < COUNT_HOLDS_MS) return;
    this.all.countedMs = nowMs;
    this.all.waiting = await this.queue.countAll(transaction, most);
  }
}

function userHasTooMany(most: number): TooManyError {
  return tooMany(`You have ${most} tasks waiting, which is as many as one user may have.`, 'TOO_MANY_QUEUED');
}

function tooMany(why: string, code: string): TooManyError {
  const message = `${why} Nothing was charged; try again in a while.`;
  return new TooManyError(message, code, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
