import type { Dimension } from '../dimensions.js';
import type { Label, ScoreOutcome } from './scorer.js';

const THREE_CLASSES: readonly Label[] = [3, 2, 1];
const TWO_CLASSES: readonly Label[] = [3, 1];

/** The label for each class index of the dimension's head. */
export const HEADS: Record<Dimension, readonly Label[]> = {
  Fairness: THREE_CLASSES,
  Safety: THREE_CLASSES,
  Morality: THREE_CLASSES,
  Legality: TWO_CLASSES,
  'Data protection': TWO_CLASSES,
};

/** Numbers alone: a text "3" is a sign that something else is wrong with the scorer too. */
export function isLabel(dimension: Dimension, value: unknown): value is Label {
  return HEADS[dimension].some((label) => label === value);
}

/** What a scorer said of one item, or that there is no such label. */
export function toOutcome(
  { id, dimension }: { id: string; dimension: Dimension },
  predicted: unknown,
  truncated: boolean,
): ScoreOutcome {
  if (isLabel(dimension, predicted)) return { id, predicted, truncated };
  const legal = [...HEADS[dimension]].sort().join(', ');
  const told = JSON.stringify(predicted)?.slice(0, 50) ?? 'nothing';
  return { id, error: `The scorer gave ${told}; ${dimension} has ${legal} alone.` };
}
