import { Clock } from '../../src/common/index.js';

/** Time that stands still until the test moves it; the wall clock and the monotonic one move together. */
export class TestClock extends Clock {
  private offsetMs = 0;
  private readonly start = new Date();

  override now(): Date {
    return new Date(this.start.getTime() + this.offsetMs);
  }

  override monotonicMs(): number {
    return this.offsetMs;
  }

  advance(ms: number): void {
    this.offsetMs += ms;
  }
}
