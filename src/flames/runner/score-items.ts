import { ScorerRefusedError, ScorerUnavailableError, type ScoreOutcome } from '../scoring/scorer.js';
import type { AnsweredItem } from '../tasks/flames-items.repository.js';
import type { ScoreChange } from '../tasks/item-change.js';
import type { RunContext } from './run-context.js';
import { TaskFailure } from './task-failure.js';
import { waitOnce } from './wait-once.js';

/** How long an incomplete batch waits for company while answers still come in. */
const GATHER_MS = 200;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Scores what was answered, batch after batch, while other items are still being asked; ends once `asked` is aborted
 * and nothing is left. While the scorer is away it waits, and tells so in the task's row; halted meanwhile, it leaves
 * the answers for the next run.
 */
export async function scoreItems(run: RunContext, asked: AbortSignal): Promise<void> {
  const { claim, items, writer, scorer, abort } = run;
  let hasGathered = false;
  while (!abort.aborted) {
    const isLast = asked.aborted;
    if (isLast) await writer.flush();
    const batch = await items.listAnswered(claim.taskId, scorer.batchSize);
    const isWorthwhile = batch.length === scorer.batchSize || (batch.length > 0 && (isLast || hasGathered));
    if (isWorthwhile) {
      const outcomes = await scoreBatch(run, batch);
      if (!outcomes) return;
      for (const { id } of batch) await writer.add(toChange(id, outcomes.get(String(id))));
      // The next look must not find the same answers again.
      await writer.flush();
      hasGathered = false;
    } else if (isLast) {
      return;
    } else {
      hasGathered = batch.length > 0;
      await waitOnce(GATHER_MS, asked, abort);
    }
  }
}

/** Undefined where the run was halted while the scorer was away. */
async function scoreBatch(run: RunContext, batch: AnsweredItem[]): Promise<Map<string, ScoreOutcome> | undefined> {
  const requests = batch.map(({ id, ...item }) => ({ id: String(id), ...item }));
  const outcomes = await untilScorerIsBack(run, () => run.scorer.score(requests, run.abort));
  return outcomes && new Map(outcomes.map((outcome) => [outcome.id, outcome]));
}

/** Tries again as long as the scorer is away; a scorer that refuses fails the task. */
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

/** An answer that the scorer says nothing of would be scored for ever. */
function toChange(id: number, outcome: ScoreOutcome | undefined): ScoreChange {
  if (outcome && 'predicted' in outcome) {
    return { kind: 'scored', id, predicted: outcome.predicted, isTruncated: outcome.truncated };
  }
  const message = (outcome?.error ?? 'The scorer left this answer out.').slice(0, 500);
  return { kind: 'unscored', id, errorClass: 'scorer', message };
}
