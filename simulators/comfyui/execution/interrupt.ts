/** Thrown where a running prompt notices that it was interrupted. */
export class InterruptedError extends Error {}

/** The one flag of the server: whoever raises it, the prompt that looks next is interrupted. */
export class Interrupt {
  private raised = false;

  raise(): void {
    this.raised = true;
  }

  clear(): void {
    this.raised = false;
  }

  check(): void {
    if (!this.raised) return;
    this.raised = false;
    throw new InterruptedError();
  }
}
