import type { Clock } from '../../common/index.js';

interface Waiter {
  begin: () => void;
}

/**
 * How many requests one key may have under way at once: halved when the API says that it is too much, grown by one for
 * each round of answers (additive increase, multiplicative decrease). Tasks that wait take turns.
 */
export class AdaptiveLimiter {
  private exactWidth: number;
  private active = 0;
  /** How many calls must still end before another cut counts: those that were under way at the last one. */
  private endingBeforeNextCut = 0;
  private pausedUntilMs = 0;
  private timer: NodeJS.Timeout | undefined;
  /** Waiters by task; the task that stands first goes first, and then behind the others. */
  private readonly waiting = new Map<string, Waiter[]>();

  constructor(
    private ceiling: number,
    private readonly clock: Clock,
  ) {
    this.exactWidth = ceiling;
  }

  get width(): number {
    return Math.floor(this.exactWidth);
  }

  get isIdle(): boolean {
    return this.active === 0 && this.waiting.size === 0;
  }

  /** Runs the work when it is this task's turn; the signal ends the waiting, not the work. */
  async run<T>(taskId: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.enter(taskId, signal);
    try {
      return await work();
    } finally {
      this.active -= 1;
      if (this.endingBeforeNextCut > 0) this.endingBeforeNextCut -= 1;
      this.admit();
    }
  }

  /** The API said that it is too much. Call it inside `run`: refusals of one burst then count as one. */
  cut(retryAfterMs = 0): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.clock.monotonicMs() + retryAfterMs);
    if (this.endingBeforeNextCut > 0) return;
    this.endingBeforeNextCut = this.active;
    this.exactWidth = Math.max(1, this.exactWidth / 2);
  }

  /** An answer came. */
  grow(): void {
    this.exactWidth = Math.min(this.ceiling, this.exactWidth + 1 / this.exactWidth);
  }

  /** Another task of the same key may bring more with it. */
  raiseCeiling(ceiling: number): void {
    if (ceiling <= this.ceiling) return;
    if (this.exactWidth === this.ceiling) this.exactWidth = ceiling;
    this.ceiling = ceiling;
    this.admit();
  }

  private enter(taskId: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        begin: () => {
          signal?.removeEventListener('abort', leave);
          this.active += 1;
          resolve();
        },
      };
      const leave = () => {
        this.remove(taskId, waiter);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.set(taskId, [...(this.waiting.get(taskId) ?? []), waiter]);
      this.admit();
    });
  }

  private remove(taskId: string, waiter: Waiter): void {
    const left = (this.waiting.get(taskId) ?? []).filter((other) => other !== waiter);
    if (left.length > 0) this.waiting.set(taskId, left);
    else this.waiting.delete(taskId);
    if (this.waiting.size === 0) this.clearTimer();
  }

  private admit(): void {
    while (this.active < this.width && this.waiting.size > 0 && !this.isPaused()) {
      const [taskId, waiters] = this.waiting.entries().next().value!;
      this.waiting.delete(taskId);
      const [first, ...others] = waiters;
      if (others.length > 0) this.waiting.set(taskId, others);
      first!.begin();
    }
  }

  private isPaused(): boolean {
    const leftMs = this.pausedUntilMs - this.clock.monotonicMs();
    this.clearTimer();
    if (leftMs <= 0) return false;
    this.timer = setTimeout(() => this.admit(), Math.ceil(leftMs));
    return true;
  }

  private clearTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
