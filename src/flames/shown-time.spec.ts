import { showTime } from './shown-time.js';

describe('showTime', () => {
  it('shows a moment in the zone of the readers, midnight as 00', () => {
    const time = new Date('2026-11-22T16:00:05.999Z');
    expect(showTime(time, 'Asia/Shanghai')).toBe('2026-11-23 00:00:05');
    expect(showTime(time, 'UTC')).toBe('2026-11-22 16:00:05');
    expect(showTime(null, 'UTC')).toBeNull();
  });
});
