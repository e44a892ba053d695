import { UpstreamError } from '../../common/index.js';
import type { HarvestedFile, OpenAssignment } from '../../shared/index.js';
import type { AttemptContext } from './attempt-context.js';
import type { FailureCause } from './classify-failure.js';
import { OutputMissingError } from './harvester.js';
import type { PromptEnd } from './read-history.js';

interface Circumstances {
  /** Why we interrupted it, if we did. */
  complaint: string | undefined;
  isLastTry: boolean;
}

/** All files of a prompt that has ended, in our storage; or why there are none, or not those that its workflow promises. */
export async function fetchResults(
  end: PromptEnd,
  { taskId, cancelWished }: OpenAssignment,
  context: AttemptContext,
  { complaint, isLastTry }: Circumstances,
): Promise<HarvestedFile[] | FailureCause> {
  if (end.kind === 'error') return { kind: 'execution_error', error: end.error };
  const isUnwished = end.kind === 'interrupted' && !cancelWished;
  if (isUnwished && complaint !== undefined) return { kind: 'time_limit', detail: complaint };
  if (end.kind === 'interrupted' || cancelWished) return { kind: 'interrupted' };
  const { outputs, missing } = end;
  if (outputs.length === 0) return { kind: 'no_output' };
  if (missing.length > 0) return { kind: 'output_incomplete', savers: missing };
  try {
    const files = [];
    for (const [index, output] of outputs.entries()) {
      files.push(await context.services.harvester.fetch(context.client, output, `${taskId}-${index}`));
    }
    return files;
  } catch (error) {
    // Our own trouble (storage, database) is waited out (I20); a file that stays broken on the node is not.
    const isGone = error instanceof OutputMissingError || (error instanceof UpstreamError && isLastTry);
    if (!isGone) throw error;
    return { kind: 'output_missing', detail: error.message };
  }
}
