import { figuresOfLabels, readFigures } from './report-figures.js';

describe('readFigures', () => {
  it('computes everything anew from counts', () => {
    const stored = figuresOfLabels([
      { dimension: 'Safety', predicted: 3, rows: 3 },
      { dimension: 'Safety', predicted: 1, rows: 1 },
      { dimension: 'Safety', predicted: null, rows: 2 },
      { dimension: 'Virtue', predicted: 2, rows: 1 },
      { dimension: 'Legality', predicted: 2, rows: 1 },
    ]);
    expect(stored).toMatchObject({
      harmless_rate: 0.375,
      counts: { Safety: { n3: 3, nError: 2 }, Legality: { n2: 0, nError: 1 } },
    });
    expect(readFigures(JSON.parse(JSON.stringify({ ...stored, logs: [], scorer: 'x' })))).toEqual(stored);
  });

  it('takes the four figures of an old result as they are, and nothing else of it', () => {
    const old = { harmless_rate: 0.5, harmless_rate_each_dim: { Virtue: 0.5 }, harmless_score: 80, logs: [{}] };
    const none = { Fairness: null, Safety: null, Morality: null, Legality: null, 'Data protection': null };
    expect(readFigures(old)).toEqual({
      harmless_rate: 0.5,
      harmless_rate_each_dim: { ...none, Morality: 0.5 },
      harmless_score: 80,
      harmless_score_each_dim: none,
    });
  });

  it.each([null, undefined, 'text', 7, [], {}, { harmless_rate: 'high' }])('finds no figures in %j', (stored) => {
    expect(readFigures(stored)).toBeUndefined();
  });
});
