import { planPartitions, type Partition, type PartitionedTable } from './partition-plan.js';

const NOW = new Date('2026-11-22T15:00:00Z');
const DAY_MS = 86_400_000;

describe('the plan of partitions', () => {
  const table = (keptDays: number, aheadDays = 0): PartitionedTable => ({
    ...{ database: 'admin', table: 't', cutBy: 'datetime' },
    keptDays,
    aheadDays,
  });
  const endingOn = (...days: string[]): Partition[] => [
    ...days.map((day) => ({ name: day, end: new Date(`${day}T00:00:00Z`) })),
    { name: 'p_future', end: undefined },
  ];

  it('begins with today, and goes seven periods ahead of the last row that may come', () => {
    const { toAdd } = planPartitions(table(30), endingOn(), NOW);
    expect(toAdd.map(({ name }) => name)).toEqual([
      'p20261122',
      'p20261123',
      'p20261124',
      'p20261125',
      'p20261126',
      'p20261127',
      'p20261128',
    ]);
    const ahead = planPartitions(table(0, 90), endingOn(), NOW).toAdd;
    expect(ahead.at(-1)!.end.getTime() - NOW.getTime()).toBeGreaterThanOrEqual(96 * DAY_MS);
  });

  it('adds what is missing behind the last one, and nothing twice', () => {
    const { toAdd } = planPartitions(table(30), endingOn('2026-11-22', '2026-11-28'), NOW);
    expect(toAdd).toEqual([{ name: 'p20261128', end: new Date('2026-11-29T00:00:00Z') }]);
    expect(planPartitions(table(30), endingOn('2026-11-29'), NOW).toAdd).toEqual([]);
  });

  it('drops what holds nothing but rows whose time is over, and never the catch-all', () => {
    const { toDrop } = planPartitions(table(30), endingOn('2026-10-20', '2026-10-23', '2026-10-24'), NOW);
    expect(toDrop).toEqual(['2026-10-20', '2026-10-23']);
    expect(planPartitions(table(0, 90), endingOn('2026-11-22', '2026-11-23'), NOW).toDrop).toEqual(['2026-11-22']);
  });

  it.each([
    [130, 'p20261122', 7],
    [365, 'p20261116', 7],
    [1_000, 'p20261101', 7],
  ])('of rows that are kept %i days begins with %s, so that there are never hundreds', (days, name, count) => {
    const { toAdd } = planPartitions(table(days), endingOn(), NOW);
    expect(toAdd[0]!.name).toBe(name);
    expect(toAdd).toHaveLength(count);
  });

  it('makes names that differ, whatever periods came before', () => {
    const weeks = planPartitions(table(365), endingOn(), NOW).toAdd;
    const days = planPartitions(table(30), weeks, new Date(NOW.getTime() + 60 * DAY_MS)).toAdd;
    const names = [...weeks, ...days].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
