/** What anybody may read of it, and what a driver or the system says, which is for the log alone. */
export interface Problem {
  words: string;
  raw?: string | undefined;
}
