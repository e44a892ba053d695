/** What a run is about, and how it hears that it has to stop. */
export interface JobContext {
  /** The moment that this run was due; by hand: now. */
  dueAt: Date;
  /** The process stops, another one took the lease over, or the run took too long: end soon, whatever is done by then. */
  signal: AbortSignal;
  /** What a run by hand was told beside, such as `{ from: '2026-11-01' }`. */
  options: Record<string, string>;
}

/** Numbers and names that `job_runs` keeps of a run. */
export type JobResult = Record<string, unknown>;

/**
 * Work by the clock, done in one process at a time, each due moment once. A process may die in the middle, so a run
 * must be able to begin anew on what an earlier one did.
 */
export interface Job {
  /** Also of its lease (`job:<name>`) and its runs. */
  name: string;
  /** One sentence for lists. */
  description: string;
  /** A cron expression in UTC with seconds first (`0 5 * * * *`), or a period in ms. */
  schedule: string | number;
  /** A run that takes longer is stopped; an hour where nothing is said. */
  timeLimitMs?: number;
  /** Checks what a run by hand is told, before it begins; a job without it takes no options. */
  checkOptions?(options: Record<string, string>): void;
  run(context: JobContext): Promise<JobResult | void>;
}
