import { Injectable } from '@nestjs/common';

/** Where time comes from: the wall clock for rows, the monotonic one for waiting. Tests put their own in its place. */
@Injectable()
export class Clock {
  /** Wall clock, UTC. */
  now(): Date {
    return new Date();
  }

  /** Milliseconds that only ever grow: for time-outs and leases, never for rows. */
  monotonicMs(): number {
    return performance.now();
  }
}
