import type { TargetError } from '../targets/chat-target.js';
import { TaskFailure } from './task-failure.js';

/** So many items on end, each given up after all its retries, and the model counts as unreachable. */
export const GIVEN_UP_ON_END = 10;

/**
 * Tells a model that is away from one that fails now and then: items that failed for a reason which retries could have
 * cured, one after another without any answer between them. A refusal of one item is an answer too.
 */
export class TargetHealth {
  private givenUp = 0;

  heard(): void {
    this.givenUp = 0;
  }

  /** Throws TaskFailure when it has gone on for too long. */
  gaveUp(error: TargetError): void {
    if (!error.isRetryable) return this.heard();
    this.givenUp += 1;
    if (this.givenUp < GIVEN_UP_ON_END) return;
    const message = `The model gave no answer to ${this.givenUp} prompts on end, each asked several times. ${error.message}`;
    throw new TaskFailure('TARGET_UNREACHABLE', message, { cause: error });
  }
}
