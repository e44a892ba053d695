import { killPoint, UpstreamError } from '../../common/index.js';
import type { OpenAssignment } from '../../shared/index.js';
import type { SubmitOutcome } from '../comfyui/protocol.js';
import type { AttemptContext } from './attempt-context.js';
import { buildPrompt } from './build-prompt.js';
import type { FailureCause } from './classify-failure.js';
import { InputGoneError } from './input-uploads.js';
import type { PromptMark } from './prompt-mark.js';

/** Beyond the POST's own time-out: a request that we gave up on may still be on its way into the node (I12). */
const POST_MARGIN_MS = 2_000;

export interface PostedPrompt {
  startedAt: Date;
  /** How many nodes the graph has, for the overall progress. */
  nodeCount: number;
  /** It names pictures that the node was sent earlier, and may have lost since. */
  usesKnownInputs: boolean;
  /** Still under way: the answer may never come. */
  outcome: Promise<SubmitOutcome>;
}

/** The task's values do not fit its workflow: no node could run it. */
export class WorkflowUnusableError extends Error {}

/**
 * Sends an attempt's prompt under the attempt's id, after marking that it will be sent (I12). Undefined where the mark
 * could not be set: somebody else owns the attempt or has sent it, and nothing is sent from here.
 */
export async function postPrompt(row: OpenAssignment, context: AttemptContext): Promise<PostedPrompt | undefined> {
  const { services, fence, client } = context;
  const { assignmentId } = row;
  const { prompt, usesKnownInputs } = await preparePrompt(row, context);
  killPoint('post.before_mark');
  const startedAt = await services.marks.markPosting(assignmentId, fence);
  if (!startedAt) return undefined;
  killPoint('post.marked');
  if (row.attemptNo === 1) services.metrics.noteDispatch(row.workflowName, secondsBetween(row.queuedAt, startedAt));
  const outcome = client.submit({
    prompt,
    prompt_id: assignmentId,
    client_id: context.clientId,
    extra_data: { cws: markFor(row, context) },
  });
  return { startedAt, nodeCount: Object.keys(prompt).length, usesKnownInputs, outcome };
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1_000;
}

/** Whether its prompt may be on its way still, sent by whomever. */
export function isWithinPost({ postStartedAt, acceptedAt }: OpenAssignment, { services }: AttemptContext): boolean {
  if (postStartedAt === null || acceptedAt !== null) return false;
  const sinceMs = services.clock.now().getTime() - postStartedAt.getTime();
  return sinceMs < services.settings.nodes.postTimeoutMs + POST_MARGIN_MS;
}

/** Why nothing was sent, where that ends the attempt; throws what is to be waited out. */
export function causeOfUnsent(error: unknown, { isLastTry }: { isLastTry: boolean }): FailureCause {
  if (error instanceof WorkflowUnusableError) return { kind: 'workflow_unusable', detail: error.message };
  if (error instanceof InputGoneError) return { kind: 'input_gone', detail: error.message };
  // Trouble of the node that lasts, although it answers otherwise: one that does not is given up by its session.
  if (error instanceof UpstreamError && isLastTry) return { kind: 'input_refused', detail: error.message };
  throw error;
}

async function preparePrompt(row: OpenAssignment, context: AttemptContext) {
  const { taskId, assignmentId, workflowName, workflowVersion } = row;
  const { services } = context;
  const parameters = await services.parameters.listOf(taskId);
  const definition = await services.workflows.find(workflowName, workflowVersion);
  if (!definition) throw new WorkflowUnusableError(`${workflowName}@${workflowVersion} was never published`);
  const { names: inputNames, areKnown } = await context.inputs.send(parameters);
  const capabilities = context.capabilities();
  try {
    const prompt = buildPrompt({ definition, parameters, inputNames, capabilities, assignmentId });
    return { prompt, usesKnownInputs: areKnown };
  } catch (error) {
    throw new WorkflowUnusableError((error as Error).message, { cause: error });
  }
}

function markFor(
  { taskId, runNo, assignmentId }: OpenAssignment,
  { installationId, fence }: AttemptContext,
): PromptMark {
  return { installation: installationId, task: taskId, run: runNo, assignment: assignmentId, token: fence.leaseToken };
}
