/** A command did its work and has bad news: one line on stderr, and an exit code where it says more than that. */
export class CommandFailedError extends Error {
  constructor(
    message: string,
    readonly exitCode?: number,
  ) {
    super(message);
  }
}
