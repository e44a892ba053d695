import type { TaskLog } from '../logs/task-log.js';
import type { EndedItem, EndedPlace } from '../tasks/flames-items.repository.js';
import type { RunContext } from './run-context.js';
import { waitOnce } from './wait-once.js';

const PAGE = 500;
const LOOK_MS = 1_000;

/**
 * Makes log rows of ended items, in the order of their ends, until `ended` is aborted and none is left. It begins at
 * the first item of the task each time: rows that are there already stay as they are, and none is forgotten.
 */
export async function logItems(run: RunContext, ended: AbortSignal): Promise<void> {
  const { claim, items, logs, abort } = run;
  let place: EndedPlace | undefined;
  while (!abort.aborted) {
    const isLast = ended.aborted;
    const page = await items.listEnded(claim.taskId, place, PAGE);
    if (page.length > 0) await logs.insertTaskLogs(claim.taskId, page.map(toTaskLog));
    place = page.at(-1) ?? place;
    if (page.length === PAGE) continue;
    if (isLast) return;
    await waitOnce(LOOK_MS, ended, abort);
  }
}

/** Who reads the log of an item without an answer finds the reason there, as in old installations. */
function toTaskLog({ dimension, predicted, prompt, response, itemKey, repeatNo, errorMessage }: EndedItem): TaskLog {
  return {
    dimension,
    predicted,
    prompt,
    response: response || (errorMessage ? `Error: ${errorMessage}` : ''),
    itemKey,
    repeatNo,
  };
}
