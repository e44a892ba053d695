import { UpstreamError } from '../../common/index.js';
import type { HarvestedFile, OpenAssignment } from '../../shared/index.js';
import type { AttemptContext } from './attempt-context.js';
import type { FailureCause } from './classify-failure.js';
import { OutputMissingError } from './harvester.js';
import type { PromptEnd } from './read-history.js';

/** All files of a prompt that succeeded, in our storage; or why they are not what the workflow promises. */
export async function fetchResults(
  { outputs, missing }: Extract<PromptEnd, { kind: 'success' }>,
  { taskId }: OpenAssignment,
  context: AttemptContext,
  { isLastTry }: { isLastTry: boolean },
): Promise<HarvestedFile[] | FailureCause> {
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
