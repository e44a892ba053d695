import { ScorerChangedError, ScorerRefusedError, ScorerUnavailableError } from '../scoring/scorer.js';
import type { RunContext } from './run-context.js';
import { TaskFailure } from './task-failure.js';
import { waitOnce } from './wait-once.js';

/**
 * Tries again as long as the scorer is away, and tells so in the task's row; undefined where the run was halted
 * meanwhile. A scorer that refuses fails the task.
 */
export async function untilScorerIsBack<T>(run: RunContext, work: () => Promise<T>): Promise<T | undefined> {
  const { claim, claims, halt, logger, pauses } = run;
  const { firstMs, longestMs } = pauses.away;
  for (let failures = 0; ; failures += 1) {
    try {
      const result = await work();
      if (failures > 0) await claims.noteWaiting(claim, null, null);
      return result;
    } catch (error) {
      if (error instanceof ScorerRefusedError) throw toFailure(error);
      if (!(error instanceof ScorerUnavailableError)) throw error;
      if (halt.aborted) return undefined;
      if (failures === 0) logger.warn({ taskId: claim.taskId, reason: error.message }, 'the scorer is away');
      await claims.noteWaiting(claim, error.code, error.message);
      await waitOnce(Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10)), halt);
    }
  }
}

function toFailure(error: ScorerRefusedError): TaskFailure {
  const code = error instanceof ScorerChangedError ? 'SCORER_CHANGED' : 'SCORER_REFUSED';
  return new TaskFailure(code, error.message, { cause: error });
}
