import { setImmediate } from 'node:timers/promises';
import { Clock } from './clock.js';
import { RelaxedReading } from './relaxed-reading.js';

describe('a relaxed reading of something slow', () => {
  const clock = new Clock();
  let nowMs = 0;
  let read: number;
  let failure: Error | undefined;
  let reading: RelaxedReading<number>;
  clock.monotonicMs = () => nowMs;

  beforeEach(() => {
    read = 0;
    failure = undefined;
    // Half a second: fresh for ten, and too old after thirty.
    reading = new RelaxedReading(clock, 1_000, () => {
      nowMs += 500;
      if (failure) return Promise.reject(failure);
      return Promise.resolve((read += 1));
    });
  });

  it('is told while a new one is made behind it, and the new one next', async () => {
    expect(await reading.get()).toBe(1);
    nowMs += 9_000;
    expect([await reading.get(), read]).toEqual([1, 1]);
    nowMs += 2_000;
    expect([await reading.get(), read]).toEqual([1, 2]);
    expect(await reading.get()).toBe(2);
  });

  it('is waited for where the one before is much too old', async () => {
    expect(await reading.get()).toBe(1);
    nowMs += 31_000;
    expect(await reading.get()).toBe(2);
  });

  it('tells the next who ask of a failure, until it can be read again', async () => {
    expect(await reading.get()).toBe(1);
    nowMs += 11_000;
    failure = new Error('away');
    expect(await reading.get()).toBe(1);
    await setImmediate();
    await expect(reading.get()).rejects.toThrow('away');
    failure = undefined;
    expect(await reading.get()).toBe(2);
  });
});
