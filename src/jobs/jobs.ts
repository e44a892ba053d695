/** The injection token of all scheduled jobs. */
export const JOBS = Symbol('jobs');
