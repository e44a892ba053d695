import { percentile } from './percentile.js';

describe('percentile', () => {
  it.each([
    [[], 0.95, undefined],
    [[7], 0.5, 7],
    [[3, 1, 2, 4], 0.5, 2],
    [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.95, 10],
    [[1, 2], 0, 1],
  ])('of %j at %d is %d', (values, fraction, expected) => {
    expect(percentile(values, fraction)).toBe(expected);
  });
});
