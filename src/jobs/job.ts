/** What a run is about, and how it hears that the process stops. */
export interface JobContext {
  /** The moment that this run was due; by hand: now. */
  dueAt: Date;
  signal: AbortSignal;
  /** What a run by hand was told beside, such as `{ from: '2026-11-01' }`. */
  options: Record<string, string>;
}

/** Numbers and names that `job_runs` keeps of a run. */
export type JobResult = Record<string, unknown>;

/** Work by the clock, done in one process at a time, each due moment once. */
export interface Job {
  /** Also of its lease (`job:<name>`) and its runs. */
  name: string;
  /** One sentence for lists. */
  description: string;
  /** A cron expression in UTC with seconds first (`0 5 * * * *`), or a period in ms. */
  schedule: string | number;
  run(context: JobContext): Promise<JobResult | void>;
}
