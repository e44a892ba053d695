import type { AttemptFailure } from '../../shared/index.js';
import type { ExecutionError, NodeErrors } from '../comfyui/protocol.js';

/** What an attempt may end as, beside success. Codes are stable: clients and refunds decide by them. */
export type FailureCause =
  | { kind: 'lost'; detail: string; wasRunning: boolean }
  | { kind: 'unreachable_before_post' }
  /** It did not run, and is to run elsewhere or later. */
  | { kind: 'recalled'; detail: string }
  /** Its worker does not let go of it: as good as dead if it had gone silent; one that is busy with it is not. */
  | { kind: 'stuck'; detail: string; wasSilent: boolean }
  /** It was interrupted by us. */
  | { kind: 'time_limit'; detail: string }
  | { kind: 'refused'; errorType: string; message: string; nodeErrors: NodeErrors }
  | { kind: 'input_lost' }
  | { kind: 'input_refused'; detail: string }
  | { kind: 'input_gone'; detail: string }
  | { kind: 'interrupted' }
  | { kind: 'execution_error'; error: ExecutionError }
  | { kind: 'no_output' }
  | { kind: 'output_missing'; detail: string }
  | { kind: 'output_incomplete'; savers: string[] }
  | { kind: 'workflow_unusable'; detail: string };

export interface RetryPolicy {
  maxAttempts: number;
  /** When another attempt may begin, by the number of those made. */
  retryAt: Date;
}

/** A task that fails by its own doing is tried once more before it is given up. */
const MAX_OWN_FAILURES = 2;
const OUT_OF_MEMORY = /OutOfMemory/i;
/** 400s that speak of this node (a class or a file that it lacks), not of the graph. */
const NODE_LACKS = new Set(['invalid_prompt', 'value_not_in_list', 'custom_validation_failed']);

/** Decides by the cause alone what a failed attempt means (docs/architecture.md, how an attempt may fail). */
export function classifyFailure(cause: FailureCause, policy: RetryPolicy): AttemptFailure {
  switch (cause.kind) {
    case 'lost':
      return withDeath(again('NODE_LOST', `The node lost the task: ${cause.detail}.`, policy), cause.wasRunning);
    case 'unreachable_before_post':
      // Not at once: it may still stand as online, and would get the task again.
      return { ...unspent('NODE_LOST', 'The node went away before it got the task.'), retryAt: policy.retryAt };
    case 'recalled':
      return unspent('RECALLED', `Recalled: ${cause.detail}`);
    case 'stuck':
      return withDeath(
        again('NODE_STUCK', `The node does not let go of the task: ${cause.detail}.`, policy),
        cause.wasSilent,
      );
    case 'time_limit':
      return onceMore('TIME_LIMIT', `The task was stopped on its node: ${cause.detail}.`, policy);
    case 'interrupted':
      return again('INTERRUPTED', 'Somebody interrupted the task on its node.', policy);
    case 'output_missing':
      return again('OUTPUT_MISSING', `A result could not be fetched from the node: ${cause.detail}.`, policy);
    case 'output_incomplete':
      return onceMore('NO_OUTPUT', `Some savers made no file: ${cause.savers.join(', ')}.`, policy);
    case 'input_lost':
      return again('INPUT_LOST', 'The node did not have the uploaded picture any more.', policy);
    case 'input_refused': {
      const errorMessage = `The uploaded picture could not be brought to the node: ${cause.detail}`;
      return { ...again('INPUT_REFUSED', errorMessage, policy), excludeNode: true };
    }
    case 'input_gone':
      return forGood('INPUT_GONE', `The uploaded picture is lost: ${cause.detail}.`);
    case 'no_output':
      return onceMore('NO_OUTPUT', 'The workflow ended without a file.', policy);
    case 'refused':
      return refusal(cause, policy);
    case 'execution_error':
      return executionFailure(cause.error, policy);
    case 'workflow_unusable':
      return forGood('INVALID_WORKFLOW', cause.detail);
  }
}

/** It never ran: as often as it takes. */
function unspent(errorCode: string, errorMessage: string): AttemptFailure {
  return { errorCode, errorMessage, mayRetry: true, isUnspent: true };
}

function withDeath(failure: AttemptFailure, isNodeDeath: boolean): AttemptFailure {
  return { ...failure, isNodeDeath };
}

/** No attempt could end better. */
function forGood(errorCode: string, errorMessage: string): AttemptFailure {
  return { errorCode, errorMessage, mayRetry: false };
}

/** Not the task's fault: as often as attempts are allowed. */
function again(errorCode: string, errorMessage: string, policy: RetryPolicy): AttemptFailure {
  return { errorCode, errorMessage, mayRetry: true, ...policy };
}

function onceMore(errorCode: string, errorMessage: string, { retryAt }: RetryPolicy): AttemptFailure {
  return { errorCode, errorMessage, mayRetry: true, maxAttempts: MAX_OWN_FAILURES, retryAt };
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
  if (OUT_OF_MEMORY.test(type)) return again('OUT_OF_MEMORY', `The node ran out of GPU memory${where}.`, policy);
  return onceMore('EXECUTION_ERROR', `The workflow failed${where}: ${firstLine || type}`, policy);
}
