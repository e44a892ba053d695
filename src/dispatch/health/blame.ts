export type Blame = 'node' | 'workflow' | 'nobody';

/**
 * What an attempt that failed says: something of its node, of its workflow on that node, or nothing of either. What
 * fails by the task alone fails everywhere alike; then the plan heeds no node's breaker (`barredWorkflows`).
 */
const BLAME: Record<string, Blame> = {
  NODE_LOST: 'node',
  NODE_STUCK: 'node',
  EXECUTION_ERROR: 'workflow',
  OUT_OF_MEMORY: 'workflow',
  NO_OUTPUT: 'workflow',
  PROMPT_REFUSED: 'workflow',
  TIME_LIMIT: 'workflow',
  // Oftener of this file (too large, no picture at all) than of a node that answers otherwise.
  OUTPUT_MISSING: 'workflow',
  INPUT_REFUSED: 'workflow',
  // The node lost a picture with its memory; it gets it again.
  INPUT_LOST: 'nobody',
  // Of our own storage.
  INPUT_GONE: 'nobody',
  // By somebody's hand.
  INTERRUPTED: 'nobody',
  INVALID_WORKFLOW: 'nobody',
};

export function blameFor(errorCode: string): Blame {
  return BLAME[errorCode] ?? 'nobody';
}
