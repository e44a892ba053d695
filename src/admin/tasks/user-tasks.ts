/** What became of the wish to cancel a task. `repeated`: it was wished before. */
export type CancelOutcome =
  { kind: 'wished' | 'repeated'; runNo: number } | { kind: 'over'; status: string } | { kind: 'unknown' };

/** What the users' side holds of a task: its wishes as they were announced, and what was charged for it. */
export interface UserTaskTrace {
  clientId: string;
  username: string | null;
  runNo: number;
  cancelRun: number;
  status: string;
  createdAt: Date;
  updatedAt: Date;
  wishes: {
    runNo: number;
    cancelRun: number;
    createdAt: Date;
    publishedAt: Date | null;
    parkedAt: Date | null;
    error: string | null;
  }[];
  ledger: { runNo: number; kind: 'charge' | 'refund'; amount: number; createdAt: Date }[];
}

/**
 * Users' tasks as their own side has them, which this one must not know: wishes are made there, so that each counter
 * keeps its one writer (I1). The application hands it in (src/user-ports.module.ts).
 */
export interface UserTasks {
  cancel(taskId: string): Promise<CancelOutcome>;
  findTrace(taskId: string): Promise<UserTaskTrace | undefined>;
}

export const USER_TASKS = Symbol('user tasks');
