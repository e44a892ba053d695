import { ScorerRefusedError, ScorerUnavailableError } from '../scoring/scorer.js';
import type { RunContext } from './run-context.js';
import { TaskFailure } from './task-failure.js';
import { waitOnce } from './wait-once.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Tries again as long as the scorer is away, and tells so in the task's row; undefined where the run was halted
 * meanwhile. A scorer that refuses fails the task.
 */
export async function untilScorerIsBack<T>(run: RunContext, work: () => Promise<T>): Promise<T | undefined> {
  const { claim, claims, halt, logger } = run;
  for (let failures = 0; ; failures += 1) {
    try {
      const result = await work();
      if (failures > 0) await claims.noteWaiting(claim, null, null);
      return result;
    } catch (error) {
      if (error instanceof ScorerRefusedError) throw new TaskFailure('SCORER_REFUSED', error.message, { cause: error });
      if (!(error instanceof ScorerUnavailableError)) throw error;
      if (halt.aborted) return undefined;
      if (failures === 0) logger.warn({ taskId: claim.taskId, reason: error.message }, 'the scorer is away');
      await claims.noteWaiting(claim, error.code, error.message);
      await waitOnce(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)), halt);
    }
  }
}
