import { TestClock } from '../../../test/support/test-clock.js';
import { AdaptiveLimiter } from './adaptive-limiter.js';
import { askWithRetries, backoff } from './ask-with-retries.js';
import { TargetError, type ChatAnswer, type ChatTarget } from './chat-target.js';
import { readRetryAfterMs } from './retry-after.js';

const answer: ChatAnswer = { text: '好', finishReason: 'stop', promptTokens: 1, completionTokens: 1, latencyMs: 1 };
const request = { model: 'm', prompt: 'p' };

/** A target that goes through these outcomes, the last one for ever. */
function targetOf(...outcomes: (TargetError | ChatAnswer)[]): ChatTarget & { asked: number } {
  const target = {
    asked: 0,
    ask: async () => {
      const outcome = outcomes[Math.min(target.asked, outcomes.length - 1)]!;
      target.asked += 1;
      if (outcome instanceof TargetError) throw outcome;
      return outcome;
    },
    close: async () => undefined,
  };
  return target;
}

describe('askWithRetries', () => {
  let limiter: AdaptiveLimiter;
  const ask = (target: ChatTarget, signal = new AbortController().signal) =>
    askWithRetries(target, request, { taskId: 't', limiter, signal, maxAttempts: 3, baseMs: 1 });

  beforeEach(() => {
    limiter = new AdaptiveLimiter(8, new TestClock());
  });

  it('asks again after failures that may pass, and counts the attempts', async () => {
    const target = targetOf(new TargetError('server_error', '500'), new TargetError('timeout', 'late'), answer);
    await expect(ask(target)).resolves.toEqual({ answer, attempts: 3 });
  });

  it('gives the last failure after as many attempts as it may make', async () => {
    const target = targetOf(new TargetError('network', 'cut'));
    await expect(ask(target)).rejects.toMatchObject({ errorClass: 'network', attempts: 3 });
    expect(target.asked).toBe(3);
  });

  it.each(['unauthorized', 'content_filter', 'bad_request', 'malformed', 'budget'] as const)(
    'asks once where the answer is %s',
    async (errorClass) => {
      const target = targetOf(new TargetError(errorClass, 'no'), answer);
      await expect(ask(target)).rejects.toMatchObject({ errorClass, attempts: 1 });
      expect(target.asked).toBe(1);
    },
  );

  it('narrows the limiter when it is told to wait, which is no failure of the item', async () => {
    const refusal = () => new TargetError('rate_limited', '429');
    await expect(ask(targetOf(refusal(), refusal(), refusal(), refusal(), answer))).resolves.toMatchObject({
      attempts: 5,
    });
    expect(limiter.width).toBeLessThan(8);
  });

  it('has an end where an API refuses for ever', async () => {
    const target = targetOf(new TargetError('rate_limited', '429', { retryAfterMs: 0 }));
    await expect(ask(target)).rejects.toMatchObject({ errorClass: 'rate_limited', attempts: 30 });
  });

  it('stops waiting when the signal says so', async () => {
    const cancel = new AbortController();
    const target = targetOf(new TargetError('rate_limited', '429', { retryAfterMs: 3_600_000 }));
    const asked = ask(target, cancel.signal);
    cancel.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow();
    expect(limiter.isIdle).toBe(true);
  });

  it('throws what is no failure of the target as it is', async () => {
    const bug = new TypeError('bug');
    const target = { ask: () => Promise.reject(bug), close: async () => undefined };
    await expect(ask(target)).rejects.toBe(bug);
  });
});

describe('backoff', () => {
  it('doubles, is half at random, and ends at 30 s', () => {
    expect([1, 2, 3, 4].map((attempt) => backoff(attempt, 500, () => 1))).toEqual([500, 1_000, 2_000, 4_000]);
    expect([1, 2].map((attempt) => backoff(attempt, 500, () => 0))).toEqual([250, 500]);
    expect(backoff(60, 500, () => 1)).toBe(30_000);
  });
});

describe('readRetryAfterMs', () => {
  const now = new Date('2026-11-22T08:00:00Z');
  const read = (headers: Record<string, string>) => readRetryAfterMs((name) => headers[name], now);

  it('reads seconds, milliseconds and dates', () => {
    expect(read({ 'retry-after': '7' })).toBe(7_000);
    expect(read({ 'retry-after': '0.5' })).toBe(500);
    expect(read({ 'retry-after-ms': '1250', 'retry-after': '9' })).toBe(1_250);
    expect(read({ 'retry-after': 'Sun, 22 Nov 2026 08:00:30 GMT' })).toBe(30_000);
    expect(read({ 'retry-after': 'Sun, 22 Nov 2026 07:00:00 GMT' })).toBe(0);
  });

  it('waits an hour at most, and takes nothing from what it cannot read', () => {
    expect(read({ 'retry-after': '86400' })).toBe(3_600_000);
    expect(read({ 'retry-after': 'soon' })).toBeUndefined();
    expect(read({})).toBeUndefined();
  });
});
