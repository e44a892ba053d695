import type { Database } from '../../../src/database/index.js';
import { isTerminal, type TaskStatus } from '../../../src/shared/index.js';
import type { TwoSides } from './two-sides.js';

/** What both databases must say of a task in the same words. */
export interface Twin {
  taskId: string;
  runNo: number;
  stateVersion: number;
  status: TaskStatus;
  attempts: number;
  errorCode: string | null;
  /** `run:name` of each result that is kept, whichever run made it. */
  files: string | null;
}

const SIDES = {
  client: { tasks: 'client_tasks', results: 'client_task_results' },
  shared: { tasks: 'global_tasks', results: 'global_task_results' },
} as const;
export type Side = keyof typeof SIDES;

export async function readTwins(database: Database, side: Side): Promise<Twin[]> {
  const { tasks, results } = SIDES[side];
  return database.rows<Twin>(
    `SELECT t.task_id AS taskId, t.run_no AS runNo, t.state_version AS stateVersion, t.status,
            t.attempt_count AS attempts, t.error_code AS errorCode,
            (SELECT GROUP_CONCAT(CONCAT(r.run_no, ':', r.file_name) ORDER BY r.run_no, r.output_index)
             FROM ${results} r WHERE r.task_id = t.id) AS files
     FROM ${tasks} t ORDER BY t.task_id`,
  );
}

/** Looks at every row after every step and notes what may never happen. */
export class Observer {
  readonly terminalStatesLeft: string[] = [];
  readonly versionsLost: string[] = [];
  readonly wrongQuota: string[] = [];
  readonly broughtBack: string[] = [];
  private readonly gone = new Set<string>();
  private readonly last = new Map<string, Twin>();

  constructor(private readonly sides: TwoSides) {}

  async look(after: string): Promise<void> {
    const { client, shared } = this.sides;
    for (const side of ['client', 'shared'] as const) {
      const rows = await readTwins(side === 'client' ? client : shared, side);
      for (const row of rows) this.compare(side, row, after);
      if (side === 'client') this.noteGone(rows, after);
    }
    const [quota] = await client.rows<{ used: number; charged: string; lowest: string }>(
      `SELECT u.quota_used AS used, COALESCE(SUM(IF(l.kind = 'charge', l.amount, -l.amount)), 0) AS charged
       FROM client_users u
       LEFT JOIN quota_ledger l ON l.client_id = u.client_id AND l.quota_day = u.quota_reset_date
       WHERE u.client_id = ?`,
      [this.sides.user.clientId],
    );
    if (quota!.used < 0 || quota!.used !== Number(quota!.charged)) {
      this.wrongQuota.push(`${quota!.used} counted, ${quota!.charged} in the ledger after ${after}`);
    }
  }

  /** A removed row stays removed, whatever still arrives (I5). */
  private noteGone(rows: Twin[], after: string): void {
    const here = new Set(rows.map(({ taskId }) => taskId));
    for (const taskId of this.sides.taskIds) if (taskId && !here.has(taskId)) this.gone.add(taskId);
    for (const taskId of this.gone) if (here.has(taskId)) this.broughtBack.push(`${taskId} after ${after}`);
  }

  private compare(side: Side, row: Twin, after: string): void {
    const key = `${side} ${row.taskId}`;
    const before = this.last.get(key);
    this.last.set(key, row);
    if (!before) return;
    const change = `${side}: ${show(before)} → ${show(row)} after ${after}`;
    if (before.runNo === row.runNo && isTerminal(before.status) && row.status !== before.status) {
      this.terminalStatesLeft.push(change);
    }
    const isBehind = row.runNo < before.runNo || (row.runNo === before.runNo && row.stateVersion < before.stateVersion);
    if (isBehind) this.versionsLost.push(change);
  }
}

function show({ runNo, stateVersion, status }: Twin): string {
  return `${status} (${runNo}, ${stateVersion})`;
}
