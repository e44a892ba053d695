import { estimateRun } from './estimate-run.js';

describe('estimateRun', () => {
  const run = { items: 1_000, promptCharacters: 60_000, concurrency: 20, judgeRepeats: 0 };

  it('says of an unknown model what it assumes', () => {
    expect(estimateRun(run)).toMatchObject({
      calls: 1_050,
      tokens: 460_000,
      seconds: 265,
      based_on: 'defaults',
      assumptions: { prompt_tokens_per_call: 60, completion_tokens_per_call: 400 },
    });
  });

  it('goes by the last runs of a known one, by the longest answer allowed, and counts a judge', () => {
    const experience = { calls: 1, promptTokens: 80, completionTokens: 900, latencyMs: 1_000 };
    expect(estimateRun({ ...run, maxTokens: 100, judgeRepeats: 3 }, experience)).toMatchObject({
      calls: 1_000,
      scorer_calls: 3_000,
      tokens: 180_000,
      seconds: 50,
      based_on: 'recent runs',
    });
  });

  it('has an answer for nothing at all', () => {
    expect(estimateRun({ ...run, items: 0, promptCharacters: 0 })).toMatchObject({ calls: 0, tokens: 0, seconds: 0 });
  });
});
