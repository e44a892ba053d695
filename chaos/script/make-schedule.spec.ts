import { FAULT_KINDS } from './fault-kinds.js';
import { APPS, makeSchedule, NODES, type PlannedFault } from './make-schedule.js';

const SEEDS = Array.from({ length: 20 }, (_, index) => index * 7_919);

const downAt = (schedule: PlannedFault[], targets: string[], atMs: number) =>
  new Set(
    schedule
      .filter(({ kind, target }) => kind.takesDown && targets.includes(target))
      .filter((fault) => fault.atMs <= atMs && atMs < fault.atMs + fault.lastsMs)
      .map(({ target }) => target),
  ).size;

describe('makeSchedule', () => {
  it('gives the same faults for the same seed, and others for another', () => {
    expect(makeSchedule(7, 5)).toEqual(makeSchedule(7, 5));
    expect(makeSchedule(8, 5)).not.toEqual(makeSchedule(7, 5));
  });

  it.each([1, 2, 5])('holds every kind as often as it is to strike a minute, in %i minutes', (minutes) => {
    for (const seed of SEEDS) {
      const schedule = makeSchedule(seed, minutes);
      const counts = FAULT_KINDS.map(({ name }) => schedule.filter(({ kind }) => kind.name === name).length);
      expect(counts).toEqual(FAULT_KINDS.map(({ aMinute }) => aMinute * minutes));
    }
  });

  it('is in the order of time and over before the load is', () => {
    for (const seed of SEEDS) {
      const times = makeSchedule(seed, 5).map(({ atMs }) => atMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)).toBeLessThan(5 * 60_000);
    }
  });

  it('hits every process sooner or later', () => {
    const hit = new Set(SEEDS.flatMap((seed) => makeSchedule(seed, 5).map(({ target }) => target)));
    expect([...hit].sort()).toEqual([...APPS, 'database', ...NODES].sort());
  });

  it('always leaves an application process and half of the nodes', () => {
    for (const seed of SEEDS) {
      const schedule = makeSchedule(seed, 5);
      for (const { atMs } of schedule) {
        expect(downAt(schedule, APPS, atMs)).toBeLessThanOrEqual(2);
        expect(downAt(schedule, NODES, atMs)).toBeLessThanOrEqual(3);
      }
    }
  });

  it('freezes application processes beyond their leases', () => {
    const freezes = makeSchedule(7, 5).filter(({ kind }) => kind.name === 'app.freeze');
    expect(Math.min(...freezes.map(({ lastsMs }) => lastsMs))).toBeGreaterThan(3_000);
  });
});
