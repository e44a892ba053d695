/** How long a prompt may run, and how long it may say nothing while it runs. */
export interface RunLimits {
  totalMs: number;
  silentMs: number;
}

export interface RunLimitPolicy {
  /** For a workflow of which too little is known. */
  firstRunLimitSeconds: number;
  runLimitFloorSeconds: number;
  silentSeconds: number;
}

/** Fewer say too little of the workflow: a user may have tried it with small ones first. */
const ENOUGH_RUNS = 20;
/** Bigger pictures, more steps, another graphics card. */
const TIMES_USUAL = 5;
const USUAL_PERCENTILE = 0.95;
/** What was stopped for its time may be healthy and long, and only what succeeds teaches. */
const TIMES_ON_RETRY = 2;
/** The first run loads models from a cold disk, in silence. */
const FIRST_SILENCE_SHARE = 0.25;

/** Pure: the limits of a workflow's attempt by the seconds that its latest successful runs took. */
export function limitsFrom(seconds: number[], policy: RunLimitPolicy, attemptNo = 1): RunLimits {
  const usual = seconds.length < ENOUGH_RUNS ? undefined : percentile(seconds, USUAL_PERCENTILE);
  const total =
    usual === undefined ? policy.firstRunLimitSeconds : Math.max(policy.runLimitFloorSeconds, TIMES_USUAL * usual);
  const silent = Math.max(policy.silentSeconds, usual ?? FIRST_SILENCE_SHARE * total);
  const times = attemptNo > 1 ? TIMES_ON_RETRY : 1;
  return { totalMs: times * total * 1_000, silentMs: Math.min(total, silent) * 1_000 };
}

function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
