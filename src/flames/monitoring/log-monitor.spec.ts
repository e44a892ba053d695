import { distributionOf } from './log-monitor.service.js';

describe('distributionOf', () => {
  it('describes rows per task from the largest to the smallest', () => {
    const rows = Array.from({ length: 101 }, (_, index) => 101 - index);
    expect(distributionOf(rows)).toEqual({ min: 1, median: 51, p95: 96, max: 101, mean: 51 });
    expect(distributionOf([7])).toEqual({ min: 7, median: 7, p95: 7, max: 7, mean: 7 });
    expect(distributionOf([])).toBeNull();
  });
});
