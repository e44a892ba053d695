/** One piece of work at a time; so many may wait, whoever comes then is turned away. */
export class BoundedTurns {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(private readonly mostWaiting: number) {}

  /** Undefined where too many wait already. */
  take<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.waiting > this.mostWaiting) return undefined;
    this.waiting += 1;
    const turn = this.last.then(work).finally(() => {
      this.waiting -= 1;
    });
    // The next one's turn comes whether this one succeeds or not; its own caller hears of a failure.
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
