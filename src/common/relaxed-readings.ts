import type { Clock } from './clock.js';
import { RelaxedReading } from './relaxed-reading.js';

/** A `RelaxedReading` for each of the last keys that were asked for. */
export class RelaxedReadings<T> {
  private readonly byKey = new Map<string, RelaxedReading<T>>();

  /** `most`: how many keys are remembered. */
  constructor(
    private readonly clock: Clock,
    private readonly leastMs: number,
    private readonly most: number,
  ) {}

  get(key: string, read: () => Promise<T>): Promise<T> {
    const reading = this.byKey.get(key) ?? new RelaxedReading(this.clock, this.leastMs, read);
    // The last one asked for is the last one to be forgotten.
    this.byKey.delete(key);
    this.byKey.set(key, reading);
    if (this.byKey.size > this.most) this.byKey.delete(this.byKey.keys().next().value!);
    return reading.get();
  }

  /** The next one who asks for it gets a new reading. */
  forget(key: string): void {
    this.byKey.delete(key);
  }
}
