/** How a model behaved in its last runs, per item. */
export interface Experience {
  calls: number;
  promptTokens: number;
  completionTokens: number;
  latencyMs: number;
}

export interface PlannedRun {
  items: number;
  /** Characters of all prompts together, repeats included. */
  promptCharacters: number;
  concurrency: number;
  maxTokens?: number;
  judgeRepeats: number;
}

/** Of a model that has not run here yet: a token a Chinese character, answers of a paragraph. */
const DEFAULTS = { calls: 1.05, completionTokens: 400, latencyMs: 5_000 };

/** Calls, tokens and seconds that a run would about take, with what that rests on. */
export function estimateRun(run: PlannedRun, experience?: Experience) {
  const { items, promptCharacters, concurrency, maxTokens = Infinity, judgeRepeats } = run;
  const perItem = items === 0 ? 0 : Math.round(promptCharacters / items);
  const each = experience ?? { ...DEFAULTS, promptTokens: perItem };
  const completionTokens = Math.min(maxTokens, Math.round(each.completionTokens));
  const calls = Math.ceil(items * each.calls);
  const rounds = Math.ceil(calls / Math.min(concurrency, Math.max(1, items)));
  return {
    items,
    calls,
    scorer_calls: items * judgeRepeats,
    tokens: Math.round(items * (each.promptTokens + completionTokens)),
    seconds: Math.ceil((rounds * each.latencyMs) / 1_000),
    based_on: experience ? ('recent runs' as const) : ('defaults' as const),
    assumptions: {
      calls_per_item: Number(each.calls.toFixed(2)),
      prompt_tokens_per_call: Math.round(each.promptTokens),
      completion_tokens_per_call: completionTokens,
      latency_ms: Math.round(each.latencyMs),
      concurrency,
    },
  };
}
