import { endingOf } from './harvester.js';

describe('endingOf', () => {
  it.each([
    ['a.PNG', '.png'],
    ['a.tar.gz', '.gz'],
    ['none', ''],
    ['a.b c', ''],
    [`a.${'x'.repeat(11)}`, ''],
    ['a.p"g', ''],
  ])('of %s is "%s"', (fileName, ending) => {
    expect(endingOf(fileName)).toBe(ending);
  });
});
