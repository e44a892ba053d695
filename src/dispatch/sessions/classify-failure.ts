import type { AttemptFailure } from '../../shared/index.js';
import type { ExecutionError, NodeErrors } from '../comfyui/protocol.js';

/** What an attempt may end as, beside success. Codes are stable: clients and refunds decide by them. */
export type FailureCause =
  | { kind: 'lost'; detail: string; wasRunning: boolean }
  | { kind: 'unreachable_before_post' }
  | { kind: 'refused'; errorType: string; message: string; nodeErrors: NodeErrors }
  | { kind: 'interrupted' }
  | { kind: 'execution_error'; error: ExecutionError }
  | { kind: 'no_output' }
  | { kind: 'output_missing'; fileName: string }
  | { kind: 'workflow_unusable'; detail: string };

export interface RetryPolicy {
  maxAttempts: number;
  /** When another attempt may begin, by the number of those made. */
  retryAt: Date;
}

/** A task that fails by its own doing is tried once more, elsewhere, before it is given up. */
const MAX_OWN_FAILURES = 2;
const OUT_OF_MEMORY = /OutOfMemory/i;
/** 400s that speak of this node (a class or a file that it lacks), not of the graph. */
const NODE_LACKS = new Set(['invalid_prompt', 'value_not_in_list', 'custom_validation_failed']);

/** Decides by the cause alone what a failed attempt means (contracts/comfyui.md, section 8). */
export function classifyFailure(cause: FailureCause, { maxAttempts, retryAt }: RetryPolicy): AttemptFailure {
  switch (cause.kind) {
    case 'lost':
      return {
        errorCode: 'NODE_LOST',
        errorMessage: `The node lost the task: ${cause.detail}.`,
        mayRetry: true,
        maxAttempts,
        retryAt,
        isNodeDeath: cause.wasRunning,
      };
    case 'unreachable_before_post':
      return {
        errorCode: 'NODE_LOST',
        errorMessage: 'The node went away before it got the task.',
        mayRetry: true,
        isUnspent: true,
      };
    case 'refused':
      return refusal(cause, { maxAttempts, retryAt });
    case 'interrupted':
      return {
        errorCode: 'INTERRUPTED',
        errorMessage: 'Somebody interrupted the task on its node.',
        mayRetry: true,
        maxAttempts,
        retryAt,
      };
    case 'execution_error':
      return executionFailure(cause.error, { maxAttempts, retryAt });
    case 'no_output':
      return {
        errorCode: 'NO_OUTPUT',
        errorMessage: 'The workflow ended without a file.',
        mayRetry: true,
        maxAttempts: MAX_OWN_FAILURES,
        retryAt,
      };
    case 'output_missing':
      return {
        errorCode: 'OUTPUT_MISSING',
        errorMessage: `The node named ${cause.fileName}, but does not have it.`,
        mayRetry: true,
        maxAttempts,
        retryAt,
      };
    case 'workflow_unusable':
      return { errorCode: 'INVALID_WORKFLOW', errorMessage: cause.detail, mayRetry: false };
  }
}

function refusal(cause: Extract<FailureCause, { kind: 'refused' }>, policy: RetryPolicy): AttemptFailure {
  const types = Object.values(cause.nodeErrors).flatMap(({ errors }) => errors.map(({ type }) => type));
  const isOfThisNode = NODE_LACKS.has(cause.errorType) || types.some((type) => NODE_LACKS.has(type));
  const problems = Object.values(cause.nodeErrors).flatMap(({ class_type: name, errors }) =>
    errors.map(({ message, details }) => `${name}: ${message} (${details})`),
  );
  return {
    errorCode: 'PROMPT_REFUSED',
    errorMessage: `The node refused the workflow: ${problems.join('; ') || cause.message || cause.errorType}.`,
    mayRetry: isOfThisNode,
    excludeNode: isOfThisNode,
    maxAttempts: policy.maxAttempts,
    retryAt: policy.retryAt,
  };
}

/** Only type and first line: tracebacks reveal the node's paths. */
function executionFailure(error: ExecutionError, policy: RetryPolicy): AttemptFailure {
  const type = error.exception_type ?? 'unknown error';
  const firstLine = (error.exception_message ?? '').trim().split('\n')[0] ?? '';
  const where = error.node_type ? ` in ${error.node_type}` : '';
  const isOutOfMemory = OUT_OF_MEMORY.test(type);
  return {
    errorCode: isOutOfMemory ? 'OUT_OF_MEMORY' : 'EXECUTION_ERROR',
    errorMessage: isOutOfMemory
      ? `The node ran out of GPU memory${where}.`
      : `The workflow failed${where}: ${firstLine || type}`,
    mayRetry: true,
    maxAttempts: isOutOfMemory ? policy.maxAttempts : MAX_OWN_FAILURES,
    retryAt: policy.retryAt,
  };
}
