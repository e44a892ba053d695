import { dayInZone } from './day-in-zone.js';

describe('dayInZone', () => {
  const evening = new Date('2026-03-01T20:30:00Z');

  it.each([
    ['UTC', '2026-03-01'],
    ['Asia/Shanghai', '2026-03-02'],
    ['America/Los_Angeles', '2026-03-01'],
    ['Nowhere/Atlantis', '2026-03-01'],
  ])('knows the day in %s', (zone, day) => {
    expect(dayInZone(evening, zone)).toBe(day);
  });
});
