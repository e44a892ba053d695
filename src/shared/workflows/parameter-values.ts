import type { ParameterType } from '../tasks/task-events.js';

const EXPECTED: Record<ParameterType, { is: (value: unknown) => boolean; words: string }> = {
  string: { is: (value) => typeof value === 'string', words: 'a text' },
  int: { is: (value) => Number.isInteger(value), words: 'a whole number' },
  float: { is: (value) => Number.isFinite(value), words: 'a number' },
  boolean: { is: (value) => typeof value === 'boolean', words: 'true or false' },
  json: { is: () => true, words: 'any JSON' },
};

/** What a value of this type must be, where it is not; ComfyUI would bend a wrong one ("false" becomes true). */
export function findTypeProblem(type: ParameterType, value: unknown): string | undefined {
  const { is, words } = EXPECTED[type];
  return is(value) ? undefined : `must be ${words}`;
}
