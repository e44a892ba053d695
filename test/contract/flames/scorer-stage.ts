import { ScorerSimulator } from '../../../simulators/flames-scorer/scorer-simulator.js';
import { Clock } from '../../../src/common/index.js';
import { loadSettings } from '../../../src/config/index.js';
import type { Dimension } from '../../../src/flames/dimensions.js';
import { FlamesScorers } from '../../../src/flames/scoring/flames-scorers.js';
import type { Scorer, ScorerConfig, ScoreRequest } from '../../../src/flames/scoring/scorer.js';
import { LimiterRegistry } from '../../../src/flames/targets/limiter-registry.js';
import { OpenAiTargets } from '../../../src/flames/targets/openai-targets.js';

/** Never ends anything. */
export const never = new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];

export function closeLater(close: () => Promise<unknown>): void {
  closing.push(close);
}

/** For afterEach. */
export async function closeAll(): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

export function scorersWith(flames: Partial<ReturnType<typeof loadSettings>['flames']> = {}): FlamesScorers {
  const settings = loadSettings({ environment: {}, file: 'no such file' });
  Object.assign(settings.flames, { allowPrivateTargets: true, requestTimeoutMs: 2_000 }, flames);
  const clock = new Clock();
  return new FlamesScorers(new OpenAiTargets(clock, settings), new LimiterRegistry(clock), settings);
}

export function open(config: ScorerConfig, scorers = scorersWith()): Scorer {
  const scorer = scorers.open(config);
  closing.push(() => scorer.close());
  return scorer;
}

export async function startScorer(options: ConstructorParameters<typeof ScorerSimulator>[0] = {}) {
  const simulator = new ScorerSimulator(options);
  const address = await simulator.start();
  closing.push(() => simulator.stop());
  return { simulator, address };
}

export function item(dimension: Dimension, response: string, id = 'a'): ScoreRequest {
  return { id, dimension, prompt: '提示', response };
}
