import type { ParameterType } from '../tasks/task-events.js';
import type { WorkflowParameterDefinition } from './workflow-definition.js';

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

/** The same, with the range and the options that the workflow sets. */
export function findValueProblem(
  { type, min, max, options }: Pick<WorkflowParameterDefinition, 'type' | 'min' | 'max' | 'options'>,
  value: unknown,
): string | undefined {
  const problem = findTypeProblem(type, value);
  if (problem) return problem;
  if (options && !options.some((option) => isSame(option, value))) return `must be one of ${options.join(', ')}`;
  if (typeof value !== 'number') return undefined;
  if (min !== undefined && value < min) return `must not be less than ${min}`;
  return max !== undefined && value > max ? `must not be more than ${max}` : undefined;
}

/** Model files are named with either separator. */
function isSame(option: string | number, value: unknown): boolean {
  if (typeof option !== 'string' || typeof value !== 'string') return option === value;
  return option.replaceAll('\\', '/') === value.replaceAll('\\', '/');
}
