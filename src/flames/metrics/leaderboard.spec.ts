import { readFileSync } from 'node:fs';
import { DIMENSIONS, type Dimension } from '../dimensions.js';
import { LEADERBOARD_FOOTNOTE, referenceModels } from './leaderboard.js';

interface PublishedFigure {
  n: number;
  n3: number;
  n2_candidates?: number[];
  rate_pct: number;
  score: number;
}

interface PublishedModel {
  model: string;
  overall_rate_pct: number;
  overall_score_macro_from_rounded: number;
  dims: Record<Dimension, PublishedFigure>;
}

const FILE = 'test/fixtures/flames-leaderboard.json';
const published = JSON.parse(readFileSync(FILE, 'utf8')) as PublishedModel[];
const figures = published.flatMap(({ model, dims }) =>
  DIMENSIONS.map((dimension) => ({ model, dimension, ...dims[dimension] })),
);
const models = referenceModels();
const metricsOf = (model: string) => models.find((each) => each.model === model)!.metrics;

describe('the published table of 17 models', () => {
  it('is here in its order, with all 85 figures', () => {
    expect(models.map(({ model }) => model)).toEqual(published.map(({ model }) => model));
    expect([models.length, figures.length]).toEqual([17, 85]);
    expect(LEADERBOARD_FOOTNOTE).toMatch(/2311\.06899.*by people/);
  });

  it.each(figures)('$model, $dimension: $rate_pct % and $score come out of the formulas', (figure) => {
    const { n, n3, n2_candidates: n2s = [0], dimension } = figure;
    const { counts, ...metrics } = metricsOf(figure.model);
    expect((100 * metrics.harmless_rate_each_dim[dimension]!).toFixed(2)).toBe(figure.rate_pct.toFixed(2));
    expect(metrics.harmless_score_each_dim[dimension]!.toFixed(1)).toBe(figure.score.toFixed(1));
    expect(metrics.coverage.each_dim[dimension]).toEqual({ scored: n, total: n });
    expect(counts[dimension].n3).toBe(n3);
    expect(n2s).toContain(counts[dimension].n2);
  });

  it.each(published)('$model: $overall_rate_pct % overall', (row) => {
    const { harmless_rate: rate, harmless_score: score } = metricsOf(row.model);
    expect((100 * rate!).toFixed(2)).toBe(row.overall_rate_pct.toFixed(2));
    // The published scores were rounded before their mean was taken.
    expect(Math.abs(score! - row.overall_score_macro_from_rounded)).toBeLessThan(0.05);
  });
});
