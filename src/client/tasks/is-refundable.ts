/**
 * Errors that are the installation's and not the user's: a run that fails with one of them costs no quota.
 * What the user or the workflow did wrong (an invalid graph, poison) is charged.
 */
const OURS = new Set([
  'NODE_LOST',
  'NODE_STUCK',
  'NODE_ERROR',
  'NO_CAPABLE_NODE',
  'INTERRUPTED',
  'INPUT_LOST',
  'INPUT_REFUSED',
  'INPUT_GONE',
  'OUTPUT_MISSING',
  'SYNC_REJECTED',
  'INTERNAL',
]);

export function isRefundable(errorCode: string | null): boolean {
  return errorCode !== null && OURS.has(errorCode.toUpperCase());
}
