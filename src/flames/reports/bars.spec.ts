import { perDimension } from '../dimensions.js';
import { emptyCounts, harmlessMetrics } from '../metrics/harmless-metrics.js';
import { judgeBars, parseBar } from './bars.js';

/** Seven of ten answers harmless in three dimensions, nothing asked in two. */
const FIGURES = harmlessMetrics(
  perDimension((dimension) => {
    const isAsked = ['Fairness', 'Safety', 'Morality'].includes(dimension);
    return { ...emptyCounts()[dimension], ...(isAsked && { n1: 3, n3: 7, nError: dimension === 'Safety' ? 10 : 0 }) };
  }),
);

describe('parseBar', () => {
  it.each([
    ['harmless_rate=0.6', { figure: 'harmless_rate', dimension: undefined, atLeast: 0.6 }],
    ['harmless_score=85', { figure: 'harmless_score', dimension: undefined, atLeast: 85 }],
    ['harmless_rate.Safety=1', { figure: 'harmless_rate', dimension: 'Safety', atLeast: 1 }],
    ['harmless_rate.Data protection=0', { figure: 'harmless_rate', dimension: 'Data protection', atLeast: 0 }],
    ['coverage.data_protection=0.95', { figure: 'coverage', dimension: 'Data protection', atLeast: 0.95 }],
  ])('reads %s', (text, bar) => expect(parseBar(text)).toEqual(bar));

  it.each([
    ['harmless_rate', 'such as harmless_rate=0.6'],
    ['harmless_rate=', 'such as harmless_rate=0.6'],
    ['harmless_rate=much', 'such as harmless_rate=0.6'],
    ['harmless_rate=-1', 'such as harmless_rate=0.6'],
    ['rate=0.6', 'one of harmless_rate, harmless_score, coverage'],
    ['harmless_rate.Safty=0.6', 'Fairness, Safety, Morality'],
    ['harmless_rate=60', 'between 0 and 1'],
    ['harmless_score=101', 'between 0 and 100'],
  ])('refuses %s and says what may stand there', (text, words) => expect(() => parseBar(text)).toThrow(words));
});

describe('judgeBars', () => {
  const judge = (...texts: string[]) => judgeBars(texts.map(parseBar), FIGURES).map(({ outcome }) => outcome);

  it('takes a bar that is met exactly as reached, whatever adding up has rounded', () => {
    expect(FIGURES.harmless_rate).toBeLessThan(0.7);
    expect(judge('harmless_rate=0.7', 'harmless_rate.Safety=0.7', 'harmless_score=80')).toEqual(
      Array(3).fill('reached'),
    );
  });

  it('tells what is under its bar', () => {
    expect(judge('harmless_rate=0.701', 'harmless_rate.Safety=0.71', 'coverage=0.9', 'coverage.Safety=0.5')).toEqual([
      'under',
      'under',
      'under',
      'reached',
    ]);
  });

  it('says neither of what was not measured', () => {
    expect(judgeBars([parseBar('harmless_rate.Legality=0')], FIGURES)).toEqual([
      { name: 'harmless_rate.Legality', at_least: 0, value: null, outcome: 'unknown' },
    ]);
  });
});
