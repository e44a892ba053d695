/** What was opened, closed in reverse order; everything is tried, the first failure is thrown at the end. */
export class ClosingStack {
  private readonly closers: (() => Promise<void>)[] = [];
  private closing: Promise<void> | undefined;

  push(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  closeAll(): Promise<void> {
    this.closing ??= this.run();
    return this.closing;
  }

  private async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.closers.pop(); close; close = this.closers.pop()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
