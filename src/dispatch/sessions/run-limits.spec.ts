import { limitsFrom } from './run-limits.js';

const policy = { firstRunLimitSeconds: 3_600, runLimitFloorSeconds: 300, silentSeconds: 120 };

const runs = (count: number, seconds = 100) => Array.from({ length: count }, () => seconds);

describe('limitsFrom', () => {
  it.each([[[]], [[4]], [[4, 900]], [runs(19)]])('is generous to a workflow of which it knows %j', (seconds) => {
    expect(limitsFrom(seconds, policy)).toEqual({ totalMs: 3_600_000, silentMs: 900_000 });
  });

  it('allows five times what most runs took, and no less than the floor', () => {
    expect(limitsFrom([200, ...runs(19)], policy)).toEqual({ totalMs: 1_000_000, silentMs: 200_000 });
    expect(limitsFrom(runs(20, 3), policy)).toEqual({ totalMs: 300_000, silentMs: 120_000 });
  });

  it('does not let one run in a hundred stretch the limit', () => {
    expect(limitsFrom([...runs(99), 9_999], policy).totalMs).toBe(500_000);
  });

  it('gives another attempt twice the time, and no longer silence', () => {
    expect(limitsFrom([], policy, 2)).toEqual({ totalMs: 7_200_000, silentMs: 900_000 });
    expect(limitsFrom(runs(20, 3), policy, 3)).toEqual({ totalMs: 600_000, silentMs: 120_000 });
  });

  it('allows no longer silence than the whole run', () => {
    expect(limitsFrom([], { ...policy, firstRunLimitSeconds: 60 })).toEqual({ totalMs: 60_000, silentMs: 60_000 });
  });
});
