/** An exception of the simulated Python program: what the answers call `exception_type` and `exception_message`. */
export class PythonError extends Error {
  constructor(
    readonly exceptionType: string,
    message: string,
  ) {
    super(message);
  }

  static from(thrown: unknown): PythonError {
    if (thrown instanceof PythonError) return thrown;
    return new PythonError('RuntimeError', thrown instanceof Error ? thrown.message : String(thrown));
  }

  /** A traceback's form without its content: nobody may depend on the paths in it. */
  get traceback(): string[] {
    return [`  File "execution.py", line 1, in simulated\n    raise ${this.exceptionType}\n`];
  }
}
