import type { Logger } from '../../common/index.js';
import type { AttemptFailure, HarvestedFile, OpenAssignment, SettleOutcome } from '../../shared/index.js';
import type { AttemptContext } from './attempt-context.js';
import { classifyFailure, type FailureCause } from './classify-failure.js';
import { traceSteps } from './trace-steps.js';
import { nodesToAvoid } from './nodes-to-avoid.js';

/** Ends an attempt whose files are all in our storage. */
export async function settleSuccess(
  files: HarvestedFile[],
  row: OpenAssignment,
  context: AttemptContext,
): Promise<SettleOutcome> {
  const { breakers, settlements } = context.services;
  const settle = () => settlements.complete(row, context.fence, files);
  const outcome = await traceSteps(row, context)('settle', settle);
  breakers.attemptEnded(row, outcome);
  return outcome;
}

/** Ends an attempt that brought no result; what follows for its task is decided by the cause alone. */
export async function settleFailure(
  cause: FailureCause,
  row: OpenAssignment,
  context: AttemptContext,
  log: Logger,
): Promise<SettleOutcome> {
  const { breakers, settlements, settings, clock } = context.services;
  // Whatever failed, the next attempt here brings its pictures along again.
  context.inputs.forget();
  const retryAt = new Date(clock.now().getTime() + pauseMs(row.attemptNo, settings.dispatch));
  const failure = classifyFailure(cause, { maxAttempts: settings.dispatch.maxAttempts, retryAt });
  if (failure.errorCode === 'OUT_OF_MEMORY') await freeMemory(context, log);
  const excludeNodeIds = await listNodesToAvoid(failure, row, context);
  const settle = () => settlements.fail(row, context.fence, { ...failure, excludeNodeIds });
  const outcome = await traceSteps(row, context)('settle', settle);
  log.warn({ outcome, errorCode: failure.errorCode, reason: failure.errorMessage }, 'attempt ended without a result');
  breakers.attemptEnded(row, outcome, failure);
  return outcome;
}

/** Whatever is tried there next begins with room; nothing rests on it. */
async function freeMemory({ client }: AttemptContext, log: Logger): Promise<void> {
  await client.freeMemory().catch((error: unknown) => {
    log.warn({ reason: (error as Error).message }, 'the node was not told to free its memory');
  });
}

async function listNodesToAvoid(
  { errorCode }: AttemptFailure,
  { taskId, nodeId }: OpenAssignment,
  { services: { nodes, capable } }: AttemptContext,
): Promise<string[]> {
  const isMemory = errorCode === 'OUT_OF_MEMORY';
  if (!isMemory && errorCode !== 'TIME_LIMIT') return [];
  const all = await nodes.list();
  const failedOn = all.find((node) => node.nodeId === nodeId);
  if (!failedOn) return [];
  return nodesToAvoid(failedOn, await capable.listFor(taskId, all), isMemory ? 'memory' : 'another');
}

/** Doubled with each attempt up to a cap, and jittered, so that what failed together does not come back together. */
export function pauseMs(
  attemptNo: number,
  { retryBaseMs, retryCapMs }: { retryBaseMs: number; retryCapMs: number },
): number {
  return Math.min(retryCapMs, retryBaseMs * 2 ** (attemptNo - 1)) * (0.5 + Math.random());
}
