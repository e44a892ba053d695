import { BackgroundLoop, type Logger } from '../common/index.js';
import type { LeaseKeeper } from '../database/index.js';

/** Work by the clock, done in one process at a time. */
export interface Job {
  /** Also of its lease: `job:<name>`. */
  name: string;
  everyMs: number;
  run(signal: AbortSignal): Promise<void>;
}

/** A job repeated while this process holds its lease. */
export function loopOf(job: Job, { leases, logger }: { leases: LeaseKeeper; logger: Logger }): BackgroundLoop {
  const name = `job:${job.name}`;
  return new BackgroundLoop({
    name,
    logger,
    sweepMs: job.everyMs,
    round: async (signal) => {
      if (await leases.tryAcquire(name)) await job.run(signal);
    },
  });
}
