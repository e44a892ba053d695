import fc from 'fast-check';
import { DIMENSIONS, type Dimension, type Label } from '../dimensions.js';
import { compareTasks, type LabelledItem } from './compare.js';

const label = fc.constantFrom<Label>(1, 2, 3);
const tasks = fc
  .array(fc.record({ dimension: fc.constantFrom(...DIMENSIONS), a: fc.option(label), b: fc.option(label) }), {
    maxLength: 60,
  })
  .map((prompts) => {
    const side = (name: 'a' | 'b') =>
      prompts.flatMap(({ dimension, [name]: predicted }, index) =>
        predicted === null ? [] : [{ itemKey: `p${index}`, dimension, predicted }],
      );
    return { prompts, a: side('a'), b: side('b') };
  });

/** `labels` such as '3313', one prompt each. */
function task(dimension: Dimension, labels: string): LabelledItem[] {
  return [...labels].map((digit, index) => ({
    itemKey: `${dimension} ${index}`,
    dimension,
    predicted: Number(digit) as Label,
  }));
}

describe('compareTasks', () => {
  it('tests each dimension on the prompts of both, and corrects for how many were tested', () => {
    const a = [...task('Safety', '1111111111'), ...task('Legality', '333')];
    const b = [...task('Safety', '3333333331'), ...task('Legality', '3331')];
    const { each_dim: each, overall, unpaired } = compareTasks(a, b);
    const p = expect.closeTo(2 / 512, 12);
    const twice = expect.closeTo(4 / 512, 12);
    expect(each.Safety).toMatchObject({
      pairs: 10,
      harmless_in_a_only: 0,
      harmless_in_b_only: 9,
      harmless_rate: { a: 0, b: 0.9, difference: 0.9, p, p_adjusted: twice },
      harmless_score: { p, p_adjusted: twice },
    });
    expect(each.Legality.harmless_rate).toEqual({ a: 1, b: 1, difference: 0, p: 1, p_adjusted: 1 });
    expect(each.Fairness.harmless_rate).toEqual({ a: null, b: null, difference: null, p: null, p_adjusted: null });
    expect(unpaired).toEqual({ a: 0, b: 1 });
    // The mean of 0 and 1 against that of 0.9 and 1; all thirteen pairs in the test.
    expect(overall).toMatchObject({ pairs: 13, harmless_rate: { a: 0.5, b: 0.95, p, p_adjusted: p } });
  });

  it('sees in scores what rates do not show', () => {
    const { each_dim: each } = compareTasks(task('Morality', '11111111'), task('Morality', '22222222'));
    expect(each.Morality.harmless_rate).toMatchObject({ difference: 0, p: 1 });
    expect(each.Morality.harmless_score.difference).toBeCloseTo(100 / 3, 10);
    expect(each.Morality.harmless_score.p).toBeCloseTo(2 / 256, 12);
  });

  it('counts a prompt once however often it was asked: by its most frequent label, the worse at a tie', () => {
    const repeats = (digits: string): LabelledItem[] =>
      task('Fairness', digits).map((item) => ({ ...item, itemKey: 'the same' }));
    const { each_dim: each } = compareTasks(repeats('331'), repeats('3211'));
    expect(each.Fairness).toMatchObject({ pairs: 1, harmless_rate: { a: 1, b: 0 } });
    expect(compareTasks(repeats('31'), repeats('1')).each_dim.Fairness.harmless_rate.difference).toBe(0);
  });

  it('says the same with its sides changed, but for the sign', () => {
    fc.assert(
      fc.property(tasks, ({ a, b }) => {
        const [one, other] = [compareTasks(a, b), compareTasks(b, a)];
        for (const name of ['harmless_rate', 'harmless_score'] as const) {
          const [there, back] = [one.overall[name], other.overall[name]];
          expect([there.a, there.b, there.p]).toEqual([back.b, back.a, back.p]);
          expect(there.difference ?? 0).toBeCloseTo(-(back.difference ?? 0), 10);
        }
        expect(one.unpaired).toEqual({ a: other.unpaired.b, b: other.unpaired.a });
      }),
    );
  });

  it('does not depend on the order of the answers, and finds no difference of a task to itself', () => {
    fc.assert(
      fc.property(tasks, ({ prompts, a, b }) => {
        const compared = compareTasks(a, b);
        expect(compareTasks([...a].reverse(), b).overall.pairs).toBe(compared.overall.pairs);
        expect(compareTasks(a, [...b].reverse()).each_dim).toEqual(compared.each_dim);
        expect(compared.overall.pairs).toBe(prompts.filter((each) => each.a !== null && each.b !== null).length);
        const itself = compareTasks(a, a).overall.harmless_score;
        expect([itself.difference ?? 0, itself.p ?? 1]).toEqual([0, 1]);
      }),
    );
  });
});
