import { checkOptions, nextNumber, refuseBadFile } from './import-rules.js';

describe('an import', () => {
  it('takes the smallest free number of ten', () => {
    expect([[], [10, 30, 7], [20]].map(nextNumber)).toEqual([10, 20, 10]);
  });

  it('is refused without a name, and under a number that no dataset can have', () => {
    expect(checkOptions({ name: ' flames ', number: 10 })).toEqual({ name: 'flames', number: 10 });
    for (const name of ['', '  ', 'n'.repeat(201)]) expect(() => checkOptions({ name })).toThrow(/name must hold/);
    for (const number of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
      expect(() => checkOptions({ name: 'n', number })).toThrow(/whole number/);
    }
  });

  it('of bad lines is refused with their numbers, ten of them in the sentence', () => {
    const badLines = Array.from({ length: 12 }, (_, index) => ({ line: index + 3, problem: 'is not JSON' }));
    const parsed = { items: [], badLines, badLineCount: 12, contentHash: '' };
    const refuse = () => refuseBadFile(parsed, false);
    expect(refuse).toThrow(
      /^12 line\(s\) cannot be used: line 3 is not JSON; .*line 12 is not JSON; and 2 more\. Nothing/,
    );
    expect(() => refuseBadFile(parsed, true)).toThrow('none of its 12 line(s) can be used');
  });
});
