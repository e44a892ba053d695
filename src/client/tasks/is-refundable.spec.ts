import { readFileSync } from 'node:fs';
import { isRefundable } from './is-refundable.js';

/** Where failures get their codes. */
const SOURCES = [
  'src/dispatch/sessions/classify-failure.ts',
  'src/dispatch/sessions/give-aways.ts',
  'src/shared/assignments/claims.service.ts',
  'src/shared/assignments/settle-verdict.ts',
  'src/client/tasks/task-states.repository.ts',
];

const REFUNDED: Record<string, boolean> = {
  NODE_LOST: true,
  NODE_STUCK: true,
  NO_CAPABLE_NODE: true,
  INTERRUPTED: true,
  INPUT_LOST: true,
  INPUT_REFUSED: true,
  INPUT_GONE: true,
  OUTPUT_MISSING: true,
  INVALID_WORKFLOW: true,
  PROMPT_REFUSED: true,
  POISON: true,
  SYNC_REJECTED: true,
  TIME_LIMIT: false,
  OUT_OF_MEMORY: false,
  EXECUTION_ERROR: false,
  NO_OUTPUT: false,
  // No run ends with these: the attempt is not counted, and another follows.
  NODE_DRAINED: false,
  RECALLED: false,
  REQUEUED: false,
};

describe('refunds', () => {
  it.each(Object.entries(REFUNDED))('I18 for %s: %s', (errorCode, expected) => {
    expect(isRefundable(errorCode)).toBe(expected);
  });

  it('are decided for every code that a failure gets', () => {
    const written = SOURCES.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/'([A-Z]{2,}(?:_[A-Z]+)*)'/g)].map(([, code]) => code!),
    );
    expect([...new Set(written)].sort()).toEqual(Object.keys(REFUNDED).sort());
  });

  it('are not given without a code', () => {
    expect(isRefundable(null)).toBe(false);
  });
});
