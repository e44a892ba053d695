/** Runs work with so much of it at once; the rest waits in the order it came. */
export class AtMost {
  private readonly waiting: (() => void)[] = [];

  constructor(private room: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.room > 0) this.room -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // The place goes from hand to hand: nobody who comes meanwhile gets ahead.
      if (next) next();
      else this.room += 1;
    }
  }
}
