import type { Metrics } from '../../common/index.js';
import type { OpenAssignment } from '../../shared/index.js';
import type { LearnedTimes } from './learned-times.js';

/** Counts how long a completed prompt ran, and how long its task had waited where this was its first attempt. */
export function noteTimes(row: OpenAssignment, times: LearnedTimes, metrics: Metrics): void {
  const { workflowName: workflow, nodeId: node } = row;
  // Of one so short that it was never seen running, the acceptance is the nearest that is known.
  const startedAt = times.get('startedAt') ?? times.get('acceptedAt');
  const endedAt = times.get('endedAt');
  if (!startedAt || !endedAt) return;
  metrics.noteRun({ workflow, node, seconds: (endedAt.getTime() - startedAt.getTime()) / 1_000 });
  if (row.attemptNo === 1) metrics.noteWait(workflow, (startedAt.getTime() - row.queuedAt.getTime()) / 1_000);
}
