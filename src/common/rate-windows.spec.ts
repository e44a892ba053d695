import { TestClock } from '../../test/support/test-clock.js';
import { networkOf, RateWindows } from './rate-windows.js';

describe('RateWindows', () => {
  it('lets so many through in a window, says when to come again, and starts anew', () => {
    const clock = new TestClock();
    const windows = new RateWindows(clock, 60_000);
    for (let request = 0; request < 3; request += 1) windows.count('ann', 3);
    clock.advance(20_500);
    expect(() => windows.count('ann', 3)).toThrow(expect.objectContaining({ kind: 'too_many', retryAfterSeconds: 40 }));
    expect(() => windows.count('bob', 3)).not.toThrow();
    clock.advance(39_500);
    expect(() => windows.count('ann', 3)).not.toThrow();
  });

  it('forgets the oldest of very many keys, so that a flood of them fills no memory', () => {
    const windows = new RateWindows(new TestClock(), 60_000);
    windows.count('first', 1);
    for (let key = 0; key < 50_000; key += 1) windows.count(`key${key}`, 1);
    expect(() => windows.count('first', 1)).not.toThrow();
    expect(() => windows.count('key49999', 1)).toThrow();
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('takes %s for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
