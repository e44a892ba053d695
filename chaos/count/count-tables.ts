import { DataSource } from 'typeorm';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import type { Settings } from '../../src/config/index.js';
import type { AttemptRow, RunRow } from './count-executions.js';
import { countLosses, listStrayFiles } from './count-losses.js';
import type { Violations } from './violations.js';

export interface Tables {
  violations: Violations;
  attempts: AttemptRow[];
  runs: RunRow[];
}

/** The sweep comes every few seconds. */
const SWEPT_WITHIN_SECONDS = 20;

/** Attempts that completed although `shared` knew by then that the run was to be cancelled (I4). */
const AFTER_CANCEL = `
  SELECT t.task_id AS taskId, a.assignment_id AS assignmentId, a.completed_at AS completedAt
  FROM node_task_assignments a JOIN global_tasks t ON t.id = a.task_id
  WHERE a.status = 'completed' AND a.run_no = ? AND t.task_id = ? AND a.completed_at > ?`;

/** What our own tables and the disk say, once everything has come to rest. */
export async function countTables(settings: Settings): Promise<Tables> {
  const client = await new DataSource(clientDataSourceOptions(settings)).initialize();
  const shared = await new DataSource(sharedDataSourceOptions(settings)).initialize();
  try {
    const losses = await countLosses(settings);
    return {
      violations: {
        ...losses,
        parked: [...(await listParked(client)), ...(await listParked(shared))],
        completedAfterCancel: await listCompletedAfterCancel(client, shared),
        strayFiles: [...(await listStrayFiles(settings)), ...(await listUnswept(shared))],
      },
      attempts: await listAttempts(shared),
      runs: await shared.query<RunRow[]>('SELECT task_id AS taskId, run_no AS runNo, status FROM global_tasks'),
    };
  } finally {
    await client.destroy();
    await shared.destroy();
  }
}

function listAttempts(shared: DataSource): Promise<AttemptRow[]> {
  return shared.query(
    `SELECT a.assignment_id AS assignmentId, t.task_id AS taskId, a.run_no AS runNo, a.node_id AS nodeId,
       a.status, a.error_code AS errorCode
     FROM node_task_assignments a JOIN global_tasks t ON t.id = a.task_id ORDER BY a.id`,
  );
}

function listParked(database: DataSource): Promise<unknown[]> {
  return database.query('SELECT id, topic, aggregate_id, error FROM outbox WHERE parked_at IS NOT NULL');
}

/** An event is marked as published after it was applied, so what completed later still had seen the cancel. */
async function listCompletedAfterCancel(client: DataSource, shared: DataSource): Promise<unknown[]> {
  const cancels = await client.query<{ aggregate_id: string; run_no: number; published_at: Date }[]>(
    `SELECT aggregate_id, run_no, published_at FROM outbox
     WHERE topic = 'task.wished' AND run_no = state_version AND published_at IS NOT NULL`,
  );
  const found: unknown[] = [];
  // One by one: the pool lets only so many wait.
  for (const row of cancels)
    found.push(...(await shared.query<unknown[]>(AFTER_CANCEL, [row.run_no, row.aggregate_id, row.published_at])));
  return found;
}

/** Bytes that nothing names and no pin holds any more, and that the sweep should have taken. */
function listUnswept(shared: DataSource): Promise<unknown[]> {
  const names = ['global_files', 'global_task_results', 'global_task_parameters', 'blob_renditions'];
  const isNamed = names.map((table) => `EXISTS (SELECT 1 FROM ${table} x WHERE x.file_hash = b.hash)`).join(' OR ');
  return shared.query(
    `SELECT b.hash, b.state, b.pinned_until FROM blobs b
     WHERE NOT (${isNamed}) AND b.pinned_until < UTC_TIMESTAMP(3) - INTERVAL ${SWEPT_WITHIN_SECONDS} SECOND`,
  );
}
