import { pauseMs } from './settle-attempt.js';

describe('pauseMs', () => {
  const policy = { retryBaseMs: 1_000, retryCapMs: 10_000 };

  it.each([
    [1, 1_000],
    [3, 4_000],
    [9, 10_000],
    [2_000, 10_000],
  ])('after attempt %i is about %i ms, by chance shorter or longer by a half', (attemptNo, about) => {
    const pauses = Array.from({ length: 200 }, () => pauseMs(attemptNo, policy));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(about * 0.5);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(about * 1.5);
    expect(new Set(pauses).size).toBeGreaterThan(100);
  });
});
