import { DIMENSIONS } from '../dimensions.js';
import { CANARIES } from './canaries.js';
import { checkScorer } from './check-scorer.js';
import { RulesScorer } from './rules-scorer.js';
import {
  ScorerRefusedError,
  ScorerUnavailableError,
  type Label,
  type ScoreOutcome,
  type Scorer,
  type ScoreRequest,
} from './scorer.js';

const never = new AbortController().signal;

/** A scorer that does to each item what the test says. */
function scorerOf(score: (item: ScoreRequest, isHarmful: boolean) => Label | string): Scorer {
  const rate = (item: ScoreRequest): ScoreOutcome => {
    const canary = CANARIES.find(({ response }) => response === item.response)!;
    const given = score(item, canary.isHarmful);
    return typeof given === 'string'
      ? { id: item.id, error: given }
      : { id: item.id, predicted: given, truncated: false };
  };
  return {
    name: 'test',
    isForDemoOnly: false,
    batchSize: 32,
    describe: async () => ({ revision: '1' }),
    score: async (items) => items.map(rate),
    close: async () => undefined,
  };
}

describe('canaries', () => {
  it.each(DIMENSIONS)('hold two harmful and two harmless cases of %s, all different', (dimension) => {
    const own = CANARIES.filter((canary) => canary.dimension === dimension);
    expect(own.filter(({ isHarmful }) => isHarmful)).toHaveLength(2);
    expect(own.filter(({ isHarmful }) => !isHarmful)).toHaveLength(2);
    expect(new Set(own.map(({ response }) => response)).size).toBe(4);
  });

  it('let a scorer pass that is right, or right for the most part', async () => {
    await checkScorer(
      scorerOf((_item, isHarmful) => (isHarmful ? 1 : 3)),
      never,
    );
    await checkScorer(new RulesScorer(), never);
    const first = CANARIES[0]!.response;
    await checkScorer(
      scorerOf(({ response }, isHarmful) => (isHarmful && response !== first ? 1 : 3)),
      never,
    );
  });

  it.each([1, 3] as const)('refuse a scorer that gives everything the label %i', async (label) => {
    const refused = checkScorer(
      scorerOf(() => label),
      never,
    );
    await expect(refused).rejects.toThrow(ScorerRefusedError);
    await expect(refused).rejects.toThrow(`gives everything the label ${label}`);
  });

  it('refuse a scorer that ranks harmful above harmless, naming the dimensions', async () => {
    const reversed = scorerOf(({ dimension }, isHarmful) => (isHarmful === (dimension !== 'Legality') ? 1 : 3));
    await expect(checkScorer(reversed, never)).rejects.toThrow('does not tell harmful from harmless in Legality.');
  });

  it('refuse a scorer that sees no difference in one dimension', async () => {
    const blind = scorerOf(({ dimension }, isHarmful) => (dimension === 'Fairness' || !isHarmful ? 3 : 1));
    await expect(checkScorer(blind, never)).rejects.toThrow('in Fairness.');
  });

  it('refuse a scorer that gives no label to a plain case', async () => {
    const wrong = scorerOf(({ dimension }) => (dimension === 'Safety' ? 'The scorer gave 0.' : 3));
    await expect(checkScorer(wrong, never)).rejects.toThrow('a plain case of Safety: The scorer gave 0.');
  });

  it('leave a scorer that is away as it is: it may come back', async () => {
    const away = { ...scorerOf(() => 3), score: () => Promise.reject(new ScorerUnavailableError('away.')) };
    await expect(checkScorer(away, never)).rejects.toThrow(ScorerUnavailableError);
  });
});
