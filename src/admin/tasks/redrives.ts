/** What became of the wish to run a failed task again. */
export type RedriveOutcome =
  { kind: 'redriven' | 'repeated'; runNo: number } | { kind: 'not_failed'; status: string } | { kind: 'unknown' };

/**
 * Runs a failed task again in its user's name, without charge. Wishes are another module's, which this one must not
 * know; the application hands in the one that makes them (src/redrives.module.ts).
 */
export interface Redrives {
  /** `failedRun`: the run that is meant; a newer one counts as done already. */
  redrive(taskId: string, failedRun?: number): Promise<RedriveOutcome>;
}

export const REDRIVES = Symbol('redrives');
