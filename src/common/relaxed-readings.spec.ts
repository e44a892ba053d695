import { Clock } from './clock.js';
import { RelaxedReadings } from './relaxed-readings.js';

describe('relaxed readings', () => {
  const clock = new Clock();
  let nowMs = 0;
  let read: string[];
  clock.monotonicMs = () => nowMs;

  beforeEach(() => {
    read = [];
  });

  const readingOf = (key: string) => () => {
    read.push(key);
    return Promise.resolve(`${key}${read.length}`);
  };

  it('read each key once while it is fresh, also for many who ask at once', async () => {
    const readings = new RelaxedReadings<string>(clock, 1_000, 10);
    const asked = ['a', 'b', 'a', 'a'].map((key) => readings.get(key, readingOf(key)));
    expect(await Promise.all(asked)).toEqual(['a1', 'b2', 'a1', 'a1']);
    nowMs += 1_001;
    expect(await readings.get('a', readingOf('a'))).toBe('a3');
  });

  it('forget the key that nobody has asked for the longest', async () => {
    const readings = new RelaxedReadings<string>(clock, 1_000, 2);
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await readings.get(key, readingOf(key));
    expect(read).toEqual(['a', 'b', 'c', 'b']);
  });
});
