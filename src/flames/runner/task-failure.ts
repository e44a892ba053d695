import type { TargetError } from '../targets/chat-target.js';

export type TaskFailureCode =
  | 'TARGET_UNAUTHORIZED'
  | 'TARGET_REFUSED'
  | 'TARGET_UNREACHABLE'
  | 'BUDGET_EXCEEDED'
  | 'SCORER_REFUSED'
  | 'SCORER_CHANGED'
  | 'KEY_UNREADABLE'
  | 'CANNOT_START';

/** Why a task ends as failed; the message is shown to people. What was answered before is kept. */
export class TaskFailure extends Error {
  constructor(
    readonly code: TaskFailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TaskFailure';
  }
}

/** A failure after which no other item could be answered either. */
export function failureOf(error: TargetError): TaskFailure {
  const codes: Partial<Record<TargetError['errorClass'], TaskFailureCode>> = {
    budget: 'BUDGET_EXCEEDED',
    unauthorized: 'TARGET_UNAUTHORIZED',
    network: 'TARGET_UNREACHABLE',
  };
  return new TaskFailure(codes[error.errorClass] ?? 'TARGET_REFUSED', error.message, { cause: error });
}
