import { ValidateBy } from 'class-validator';

/** Fields with rules of their own: in `parameters` they would get around them. */
const OWN_FIELDS = new Set([
  'prompt',
  'negative_prompt',
  'width',
  'height',
  'workflow_name',
  'checkpoint',
  'seed',
  'batch_id',
  'batch_size',
  'webhook_url',
  'steps',
  'cfg',
  'sampler',
  'scheduler',
  // Names a file on the node: only an upload of one's own may stand there.
  'image',
  'length',
]);
const MAX_PARAMETERS = 100;
const LONGEST_TEXT = 2_000;
const LONGEST_JSON = 10_000;

/** Parameters of a workflow that have no field of their own: bounded in number and size. */
export function IsFurtherParameters(): PropertyDecorator {
  return ValidateBy({
    name: 'isFurtherParameters',
    validator: {
      validate: (value: unknown) => findProblem(value) === undefined,
      defaultMessage: (context) => findProblem(context?.value) ?? '',
    },
  });
}

function findProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'parameters must hold names and values';
  const entries = Object.entries(value);
  if (entries.length > MAX_PARAMETERS) return `parameters may hold ${MAX_PARAMETERS} names at most`;
  for (const [name, given] of entries) {
    if (OWN_FIELDS.has(name)) return `${name} stands beside parameters, not in it`;
    if (isTooLarge(given)) return `parameters.${name} is too large`;
  }
  return undefined;
}

function isTooLarge(value: unknown): boolean {
  if (typeof value === 'string') return value.length > LONGEST_TEXT;
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return JSON.stringify(value).length > LONGEST_JSON;
}
