/**
 * Errors that are the installation's and not the user's: a run that fails with one of them costs no quota. Users send
 * values and never graphs, so a workflow that nobody can run is ours too, and so are two nodes that went away.
 */
const OURS = new Set([
  'NODE_LOST',
  'NODE_STUCK',
  'NO_CAPABLE_NODE',
  'INTERRUPTED',
  'INPUT_LOST',
  'INPUT_REFUSED',
  'INPUT_GONE',
  'OUTPUT_MISSING',
  'INVALID_WORKFLOW',
  'PROMPT_REFUSED',
  'POISON',
  'SYNC_REJECTED',
]);

export function isRefundable(errorCode: string | null): boolean {
  return errorCode !== null && OURS.has(errorCode.toUpperCase());
}
