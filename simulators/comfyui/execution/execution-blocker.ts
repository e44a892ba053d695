/** Stands in the place of a value: nodes that would take it are not run, and the first of them tells the message. */
export class ExecutionBlocker {
  constructor(readonly message?: string) {}
}
