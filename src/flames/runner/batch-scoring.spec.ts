import { jest } from '@jest/globals';
import { ScorerUnavailableError, type ScoreRequest } from '../scoring/scorer.js';
import type { ItemChange } from '../tasks/item-change.js';
import { BatchScoring } from './batch-scoring.js';
import type { RunContext } from './run-context.js';
import { SCORER_PAUSES } from './scorer-pauses.js';

const batch = ['a', 'b'].map((response, id) => ({ id, dimension: 'Safety' as const, prompt: '', response }));

describe('the scoring of a batch, with the pauses of every day', () => {
  let written: ItemChange[];

  beforeEach(() => {
    written = [];
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  /** A scorer that fails on the answer "b" for so long. */
  function runFor(ms: number): RunContext {
    const end = Date.now() + ms;
    const score = async (items: ScoreRequest[]) => {
      if (Date.now() < end && items.some(({ response }) => response === 'b'))
        throw new ScorerUnavailableError('out of memory.');
      return items.map(({ id }) => ({ id, predicted: 3, truncated: false }));
    };
    const { signal } = new AbortController();
    const writer = { add: async (change: ItemChange) => void written.push(change), flush: async () => undefined };
    const logger = { warn: () => undefined };
    const others = { writer, logger, claim: {}, items: { hasScored: async () => true } };
    return {
      ...others,
      scorer: { score },
      halt: signal,
      abort: signal,
      pauses: SCORER_PAUSES,
    } as unknown as RunContext;
  }

  async function scoreWithin(ms: number, failingMs: number): Promise<boolean> {
    const scored = new BatchScoring(runFor(failingMs)).score(batch);
    await jest.advanceTimersByTimeAsync(ms);
    return scored;
  }

  it('condemns no answer for a fault of fifteen seconds that spares plain cases', async () => {
    await expect(scoreWithin(60_000, 15_000)).resolves.toBe(true);
    expect(written.map(({ id, kind }) => [id, kind])).toEqual([
      [0, 'scored'],
      [1, 'scored'],
    ]);
  });

  it('gives an answer up within half a minute, and scores the others of its batch', async () => {
    await expect(scoreWithin(30_000, Infinity)).resolves.toBe(true);
    expect(written).toEqual([
      { kind: 'scored', id: 0, predicted: 3, isTruncated: false },
      { kind: 'unscored', id: 1, errorClass: 'scorer', message: 'out of memory.' },
    ]);
  });
});
