import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { AdaptiveLimiter } from './adaptive-limiter.js';
import { TargetError, type ChatAnswer, type ChatRequest, type ChatTarget } from './chat-target.js';

export interface RetryOptions {
  /** Shares the limiter fairly with the other tasks of the same key. */
  taskId: string;
  limiter: AdaptiveLimiter;
  signal: AbortSignal;
  /** Of failures; being told to wait is counted apart. Default 5. */
  maxAttempts?: number;
  /** Pause before the second attempt, doubled for each further one. Default 500 ms. */
  baseMs?: number;
}

export interface AnswerWithAttempts {
  answer: ChatAnswer;
  attempts: number;
}

const MAX_PAUSE_MS = 30_000;
/** A key that is shared with others may be refused many times though nothing is wrong; still there is an end. */
const MAX_RATE_LIMITED = 30;

/**
 * The one place where a request is repeated. The limiter's slot is held during an attempt alone, not while waiting.
 * Throws TargetError, which knows how many attempts were made, or the signal's reason.
 */
export async function askWithRetries(
  target: ChatTarget,
  request: ChatRequest,
  options: RetryOptions,
): Promise<AnswerWithAttempts> {
  const { taskId, limiter, signal, maxAttempts = 5, baseMs = 500 } = options;
  // A task's one signal is listened to by each of its requests, which is no leak.
  setMaxListeners(0, signal);
  let failures = 0;
  let refusals = 0;
  for (;;) {
    try {
      const answer = await limiter.run(taskId, () => askOnce(target, request, options), signal);
      return { answer, attempts: failures + refusals + 1 };
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (error.errorClass === 'rate_limited') refusals += 1;
      else failures += 1;
      error.attempts = failures + refusals;
      if (!error.isRetryable || failures >= maxAttempts || refusals >= MAX_RATE_LIMITED) throw error;
      // Where the API named a time, the limiter holds everybody back until then.
      const step = error.retryAfterMs === undefined ? error.attempts : 1;
      await pause(backoff(step, baseMs), undefined, { signal });
    }
  }
}

async function askOnce(target: ChatTarget, request: ChatRequest, { limiter, signal }: RetryOptions) {
  try {
    const answer = await target.ask(request, signal);
    limiter.grow();
    return answer;
  } catch (error) {
    // Told inside the slot: nobody begins another request before the limiter knows.
    if (error instanceof TargetError && (error.errorClass === 'rate_limited' || error.retryAfterMs !== undefined))
      limiter.cut(error.retryAfterMs);
    throw error;
  }
}

/** Half of it certain, half at random: those that failed together do not come back together. */
export function backoff(attempt: number, baseMs: number, random = Math.random): number {
  const wholeMs = Math.min(MAX_PAUSE_MS, baseMs * 2 ** (attempt - 1));
  return wholeMs / 2 + (wholeMs / 2) * random();
}
