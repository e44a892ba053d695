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
    const asked = new Map<string, number>();
    for (const clientId of clientIds) asked.set(clientId, (asked.get(clientId) ?? 0) + 1);
    for (const [clientId, count] of await this.countUsers(transaction, asked, queuedPerUser)) {
      count.waiting += asked.get(clientId)!;
      if (count.waiting > queuedPerUser) throw userHasTooMany(queuedPerUser);
    }
    await this.countAll(transaction, queue);
    if (this.all.waiting + clientIds.length > queue) throw tooMany('The queue is full.', 'QUEUE_FULL');
    this.all.waiting += clientIds.length;
  }

  /** What was admitted in a transaction that failed is not there: everything is counted anew. */
  forgetCounts(): void {
    this.users.clear();
    this.all.countedMs = -Infinity;
  }

  /**
   * Far from the limit a count is used for a second, with what this process added to it; from half of the limit on it
   * is taken anew each time. So it is exact, unless more than two processes fill one user's half within a second.
   */
  private async countUsers(
    transaction: Executor,
    asked: ReadonlyMap<string, number>,
    most: number,
  ): Promise<Map<string, Count>> {
    const nowMs = this.clock.monotonicMs();
    const counts = new Map([...asked.keys()].map((clientId) => [clientId, this.users.get(clientId)]));
    const stale = [...asked].filter(([clientId, more]) => {
      const count = counts.get(clientId);
      return !count || (count.waiting + more) * 2 > most || nowMs - count.countedMs >= COUNT_HOLDS_MS;
    });
    const found =
      stale.length > 0
        ? await this.queue.countOfEach(
            transaction,
            stale.map(([clientId]) => clientId),
            most,
          )
        : new Map<string, number>();
    for (const [clientId] of stale) {
      const count = { waiting: found.get(clientId) ?? 0, countedMs: nowMs };
      counts.set(clientId, count);
      this.remember(clientId, count);
    }
    return counts as Map<string, Count>;
  }

  private remember(clientId: string, count: Count): void {
    this.users.delete(clientId);
    this.users.set(clientId, count);
    const oldest = this.users.keys().next();
    if (this.users.size > MAX_USERS && !oldest.done) this.users.delete(oldest.value);
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
