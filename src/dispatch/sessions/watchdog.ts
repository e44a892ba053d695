import type { Clock } from '../../common/index.js';
import type { RunLimits } from './run-limits.js';

/** What a prompt that runs calls for. */
export type Verdict = 'fine' | 'interrupt' | 'stuck';

/** A healthy worker tells what is cached at once after the start; only checks such as file hashing lie between. */
const DEAD_START_MS = 60_000;

/**
 * Watches one running prompt: one that runs too long, or says nothing for too long, is to be interrupted; one that
 * still runs a grace time later has a stuck worker. Times are this session's own: a new owner begins anew.
 */
export class Watchdog {
  private runsSinceMs: number | undefined;
  private heardMs = 0;
  private hasBegun = false;
  private hasToldCached = false;
  private interruptingSinceMs: number | undefined;
  /** Why it was interrupted, in words; undefined: it was not. */
  complaint: string | undefined;
  /** It talked to the end, and was only too long for us. */
  wasTooLong = false;

  constructor(
    private readonly clock: Clock,
    private readonly graceMs: number,
  ) {}

  onFrame(type: string): void {
    this.heardMs = this.clock.monotonicMs();
    this.hasBegun ||= type === 'started';
    this.hasToldCached ||= type !== 'started';
  }

  /** How long nothing was heard of a prompt that runs. */
  get silentMs(): number {
    return this.runsSinceMs === undefined ? 0 : this.clock.monotonicMs() - this.heardMs;
  }

  /** For a prompt that the node's queue shows as running. `canHear`: its frames come here, so that silence counts. */
  judge({ totalMs, silentMs }: RunLimits, canHear: boolean): Verdict {
    const now = this.clock.monotonicMs();
    if (this.runsSinceMs === undefined || !canHear) this.heardMs = now;
    this.runsSinceMs ??= now;
    const isDeadStart = this.hasBegun && !this.hasToldCached;
    const mostSilentMs = isDeadStart ? Math.min(DEAD_START_MS, silentMs) : silentMs;
    this.wasTooLong ||= this.complaint === undefined && now - this.runsSinceMs > totalMs;
    if (this.wasTooLong) this.complaint ??= `it ran longer than ${inSeconds(totalMs)}`;
    else if (this.silentMs > mostSilentMs) this.complaint ??= `it said nothing for ${inSeconds(mostSilentMs)}`;
    if (this.complaint === undefined) return 'fine';
    this.interruptingSinceMs ??= now;
    return now - this.interruptingSinceMs > this.graceMs ? 'stuck' : 'interrupt';
  }
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
