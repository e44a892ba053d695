import type { Logger } from '../../common/index.js';
import type { OpenAssignment, SettleOutcome } from '../../shared/index.js';
import type { AttemptContext } from './attempt-context.js';
import { classifyFailure, type FailureCause } from './classify-failure.js';

/** Ends an attempt that brought no result; what follows for its task is decided by the cause alone. */
export async function settleFailure(
  cause: FailureCause,
  row: OpenAssignment,
  context: AttemptContext,
  log: Logger,
): Promise<SettleOutcome> {
  const { settlements, settings, clock } = context.services;
  // Whatever failed, the next attempt here brings its pictures along again.
  context.inputs.forget();
  const retryAt = new Date(clock.now().getTime() + pauseMs(row.attemptNo, settings.dispatch));
  const failure = classifyFailure(cause, { maxAttempts: settings.dispatch.maxAttempts, retryAt });
  const outcome = await settlements.fail(row, context.fence, failure);
  log.warn({ outcome, errorCode: failure.errorCode, reason: failure.errorMessage }, 'attempt ended without a result');
  return outcome;
}

/** Doubled with each attempt up to a cap, and jittered, so that what failed together does not come back together. */
export function pauseMs(
  attemptNo: number,
  { retryBaseMs, retryCapMs }: { retryBaseMs: number; retryCapMs: number },
): number {
  return Math.min(retryCapMs, retryBaseMs * 2 ** (attemptNo - 1)) * (0.5 + Math.random());
}
