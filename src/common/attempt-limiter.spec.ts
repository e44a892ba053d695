import { AttemptLimiter } from './attempt-limiter.js';
import { Clock } from './clock.js';
import { TooManyError } from './errors.js';

class TestClock extends Clock {
  ms = 0;
  override monotonicMs(): number {
    return this.ms;
  }
}

describe('AttemptLimiter', () => {
  const clock = new TestClock();
  const make = (given: { maxKeys?: number; isForgiving?: boolean } = {}) =>
    new AttemptLimiter({ maxAttempts: 3, lockMs: 60_000, clock, isForgiving: true, ...given });
  const attempt = (limiter: AttemptLimiter, key: string, isRight: boolean) =>
    limiter.attempt(key, () => Promise.resolve(isRight), Boolean);
  const fail = async (limiter: AttemptLimiter, key: string, times: number) => {
    for (let time = 0; time < times; time += 1) await attempt(limiter, key, false);
  };

  it('refuses the attempt after the last allowed failure, and says when to come back', async () => {
    const limiter = make();
    await fail(limiter, 'a', 3);
    clock.ms += 20_000;
    await expect(attempt(limiter, 'a', true)).rejects.toThrow(TooManyError);
    await expect(attempt(limiter, 'a', true)).rejects.toMatchObject({ retryAfterSeconds: 40 });
    await expect(attempt(limiter, 'b', true)).resolves.toBe(true);
  });

  it('lets in again after the lock, however often it was knocked meanwhile', async () => {
    const limiter = make();
    await fail(limiter, 'a', 3);
    clock.ms += 59_000;
    await expect(attempt(limiter, 'a', true)).rejects.toThrow();
    clock.ms += 1_000;
    await expect(attempt(limiter, 'a', true)).resolves.toBe(true);
  });

  it('forgets the failures of a name that proved right, but not those of an address that many share', async () => {
    for (const isForgiving of [true, false]) {
      const limiter = make({ isForgiving });
      await fail(limiter, 'a', 2);
      await attempt(limiter, 'a', true);
      await fail(limiter, 'a', 1);
      const again = attempt(limiter, 'a', true);
      if (isForgiving) await expect(again).resolves.toBe(true);
      else await expect(again).rejects.toThrow(TooManyError);
    }
  });

  it('lets thirty who are right in at once, and bounds those who guess at once', async () => {
    const limiter = make();
    const right = await Promise.all(Array.from({ length: 30 }, () => attempt(limiter, 'a', true)));
    expect(right.every(Boolean)).toBe(true);
    const guesses = await Promise.allSettled(Array.from({ length: 200 }, () => attempt(limiter, 'b', false)));
    expect(guesses.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
  });

  it('remembers a bounded number of keys', async () => {
    const limiter = make({ maxKeys: 2 });
    for (const key of ['a', 'b', 'c']) await fail(limiter, key, 3);
    await expect(attempt(limiter, 'a', true)).resolves.toBe(true);
  });
});
