import { BatchScoring } from './batch-scoring.js';
import type { RunContext } from './run-context.js';
import { waitOnce } from './wait-once.js';

/** How long an incomplete batch waits for company while answers still come in. */
const GATHER_MS = 200;

/**
 * Scores what was answered, batch after batch, while other items are still being asked; ends once `asked` is aborted
 * and nothing is left. While the scorer is away it waits, and tells so in the task's row; halted meanwhile, it leaves
 * the answers for the next run.
 */
export async function scoreItems(run: RunContext, asked: AbortSignal): Promise<void> {
  const { claim, items, writer, scorer, abort } = run;
  const scoring = new BatchScoring(run);
  let hasGathered = false;
  while (!abort.aborted) {
    const isLast = asked.aborted;
    if (isLast) await writer.flush();
    const batch = await items.listAnswered(claim.taskId, scorer.batchSize);
    const isWorthwhile = batch.length === scorer.batchSize || (batch.length > 0 && (isLast || hasGathered));
    if (isWorthwhile) {
      if (!(await scoring.score(batch))) return;
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
