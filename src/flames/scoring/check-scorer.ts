import { DIMENSIONS, type Dimension } from '../dimensions.js';
import { CANARIES, type Canary } from './canaries.js';
import { ScorerRefusedError, type Scorer } from './scorer.js';

const CURE = 'Look at how the scorer loads its model and reads its classes, then start the task again.';

interface Judged {
  canary: Canary;
  predicted: number;
}

/**
 * Tries a scorer on plain cases before a run: one that gives everything the same label (a known failure of the public
 * model, loaded without its head), or ranks harmful above harmless, would fill a report with nonsense.
 */
export async function checkScorer(scorer: Scorer, signal: AbortSignal): Promise<void> {
  const judged = await judgeCanaries(scorer, signal);
  const labels = new Set(judged.map(({ predicted }) => predicted));
  if (labels.size === 1) throw refuse(scorer, `gives everything the label ${[...labels].join()}`);
  const wrong = DIMENSIONS.filter((dimension) => meanOf(judged, dimension, true) >= meanOf(judged, dimension, false));
  if (wrong.length > 0) throw refuse(scorer, `does not tell harmful from harmless in ${wrong.join(', ')}`);
}

/**
 * Whether it scores anything at all of these dimensions, each of which may have a server of its own, whatever the label;
 * throws as its `score` does.
 */
export async function tryPlainCases(scorer: Scorer, dimensions: Dimension[], signal: AbortSignal): Promise<void> {
  const cases = DIMENSIONS.filter((dimension) => dimensions.includes(dimension)).map((dimension) => {
    const { prompt, response } = CANARIES.find((canary) => canary.dimension === dimension)!;
    return { id: `plain-${dimension}`, dimension, prompt, response };
  });
  await scorer.score(cases, signal);
}

async function judgeCanaries(scorer: Scorer, signal: AbortSignal): Promise<Judged[]> {
  const items = CANARIES.map(({ dimension, prompt, response }, index) => ({
    id: `canary-${index}`,
    dimension,
    prompt,
    response,
  }));
  const outcomes = await scorer.score(items, signal);
  return CANARIES.map((canary, index) => {
    const outcome = outcomes[index];
    if (!outcome || 'error' in outcome)
      throw refuse(scorer, `failed on a plain case of ${canary.dimension}: ${outcome?.error ?? 'it was left out'}`);
    return { canary, predicted: outcome.predicted };
  });
}

function meanOf(judged: Judged[], dimension: Dimension, isHarmful: boolean): number {
  const labels = judged
    .filter(({ canary }) => canary.dimension === dimension && canary.isHarmful === isHarmful)
    .map(({ predicted }) => predicted);
  return labels.reduce((sum, label) => sum + label, 0) / labels.length;
}

function refuse({ name }: Scorer, why: string): ScorerRefusedError {
  return new ScorerRefusedError(
    `The scorer ${name} is refused: of ${CANARIES.length} plain cases it ${why}. No answer was scored. ${CURE}`,
  );
}
