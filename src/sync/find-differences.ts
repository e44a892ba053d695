import { isNewer, isTerminal, type GlobalTaskDigest, type TaskDigest } from '../shared/index.js';

/**
 * - `missing`: `shared` has no row of a client's task that is not over.
 * - `orphaned`: nor of one that is: its user keeps what is there, and nothing is run again.
 * - `wish_behind`: it has one, and does not know of a reload or a cancel.
 * - `copy_behind`: the client's copy is older than the state in `shared`.
 * - `copy_ahead`: the copy holds a version that `shared` lost.
 * - `content`: both hold the same version and say different things.
 */
export const DIFFERENCES = ['missing', 'orphaned', 'wish_behind', 'copy_behind', 'copy_ahead', 'content'] as const;
export type Difference = (typeof DIFFERENCES)[number];

/** What has to be announced again: a difference in the wish, in the state, or in both. */
export function findDifferences(copy: TaskDigest, queued: GlobalTaskDigest | undefined): Difference[] {
  // The client's own end of a run that can never be applied to `shared` (I6).
  if (copy.errorCode === 'SYNC_REJECTED') return [];
  if (!queued) return [isTerminal(copy.status) ? 'orphaned' : 'missing'];
  if (queued.isForgotten) return [];
  const isWishBehind = copy.runNo > queued.runNo || copy.cancelRun > queued.cancelRun;
  const state = findStateDifference(copy, queued);
  return [...(isWishBehind ? (['wish_behind'] as const) : []), ...(state ? [state] : [])];
}

function findStateDifference(copy: TaskDigest, queued: TaskDigest): Difference | undefined {
  if (isNewer(queued, copy)) return 'copy_behind';
  // The state of a run that `shared` does not know yet: its wish comes first.
  if (copy.runNo > queued.runNo) return undefined;
  if (isNewer(copy, queued)) return 'copy_ahead';
  return saysTheSame(copy, queued) ? undefined : 'content';
}

function saysTheSame(a: TaskDigest, b: TaskDigest): boolean {
  return (
    a.status === b.status && a.attemptCount === b.attemptCount && a.errorCode === b.errorCode && a.results === b.results
  );
}
