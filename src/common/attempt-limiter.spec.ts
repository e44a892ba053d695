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
  const make = (maxKeys?: number) => new AttemptLimiter({ maxAttempts: 3, lockMs: 60_000, clock, maxKeys });
  const fail = (limiter: AttemptLimiter, key: string, times: number) => {
    for (let time = 0; time < times; time += 1) limiter.begin(key);
  };

  it('refuses the attempt after the last allowed one, and says when to come back', () => {
    const limiter = make();
    fail(limiter, 'a', 3);
    clock.ms += 20_000;
    expect(() => limiter.begin('a')).toThrow(TooManyError);
    expect(() => limiter.begin('a')).toThrow(expect.objectContaining({ retryAfterSeconds: 40 }));
    expect(() => limiter.begin('b')).not.toThrow();
  });

  it('lets in again after the lock, however often it was knocked meanwhile', () => {
    const limiter = make();
    fail(limiter, 'a', 3);
    clock.ms += 59_000;
    expect(() => limiter.begin('a')).toThrow();
    clock.ms += 1_000;
    expect(() => limiter.begin('a')).not.toThrow();
  });

  it('forgets a key that proved right, and takes only the one attempt back otherwise', () => {
    const limiter = make();
    fail(limiter, 'a', 3);
    limiter.clear('a');
    expect(() => fail(limiter, 'a', 3)).not.toThrow();
    limiter.takeBack('a');
    expect(() => limiter.begin('a')).not.toThrow();
    expect(() => limiter.begin('a')).toThrow();
  });

  it('remembers a bounded number of keys', () => {
    const limiter = make(2);
    fail(limiter, 'a', 3);
    limiter.begin('b');
    limiter.begin('c');
    expect(() => limiter.begin('a')).not.toThrow();
  });
});
