import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataSource } from 'typeorm';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { sharedDataSourceOptions } from '../../ormconfig/shared.js';
import { isRefundable } from '../../src/client/tasks/is-refundable.js';
import type { Settings } from '../../src/config/index.js';

/** What is wrong after the dust has settled; all empty: nothing was lost, doubled or left behind. */
export interface Losses {
  /** Accepted tasks that are not in a terminal state. */
  stuck: unknown[];
  /** Tasks whose two copies differ in anything but times and progress; those of which there is one alone. */
  differing: unknown[];
  /** Runs that were announced as ended more than once, or never. */
  settledTwice: unknown[];
  /** Completed tasks without results, others with some, and results whose bytes are gone. */
  wrongResults: unknown[];
  openAssignments: unknown[];
  unpublished: unknown[];
  /** Users whose counter is not what the ledger says; runs that were not charged once, or wrongly (not) paid back. */
  wrongQuota: unknown[];
}

interface Charged {
  run_no: number;
  charges: string;
  refunds: string;
  error_code: string | null;
}

const OVER = `('completed', 'failed', 'cancelled')`;

/** Counts from both databases and from the disk. */
export async function countLosses(settings: Settings): Promise<Losses> {
  const client = await new DataSource(clientDataSourceOptions(settings)).initialize();
  const shared = await new DataSource(sharedDataSourceOptions(settings)).initialize();
  try {
    const twin = (tasks: string, results: string) =>
      `SELECT t.task_id, t.status, t.run_no, t.cancel_run, t.state_version, t.attempt_count, t.error_code,
         COUNT(r.id) AS results, GROUP_CONCAT(r.run_no, r.output_index, r.file_hash ORDER BY r.output_index) AS files
       FROM ${tasks} t LEFT JOIN ${results} r ON r.task_id = t.id GROUP BY t.id ORDER BY t.task_id`;
    const ours = await client.query<Record<string, unknown>[]>(twin('client_tasks', 'client_task_results'));
    const theirs = await shared.query<Record<string, unknown>[]>(twin('global_tasks', 'global_task_results'));
    const hashes = await client.query<{ file_hash: string }[]>('SELECT DISTINCT file_hash FROM client_task_results');
    return {
      stuck: ours.filter(({ status }) => !OVER.includes(`'${String(status)}'`)),
      differing: findUnpaired(ours, theirs),
      settledTwice: await shared.query(
        `SELECT aggregate_id, run_no, SUM(JSON_VALUE(payload, '$.status') IN ${OVER}) AS ends
         FROM outbox WHERE topic = 'task.changed' GROUP BY aggregate_id, run_no HAVING ends <> 1`,
      ),
      wrongResults: [
        ...ours.filter(({ status, results }) => (status === 'completed') !== Number(results) > 0),
        ...hashes.filter(({ file_hash: hash }) => !existsSync(blobPath(settings, hash))),
      ],
      openAssignments: await shared.query(
        'SELECT assignment_id, status FROM node_task_assignments WHERE open_task_id IS NOT NULL OR slot IS NOT NULL',
      ),
      unpublished: [
        ...(await client.query<unknown[]>('SELECT id, topic FROM outbox WHERE published_at IS NULL')),
        ...(await shared.query<unknown[]>('SELECT id, topic FROM outbox WHERE published_at IS NULL')),
      ],
      wrongQuota: await listWrongQuota(client),
    };
  } finally {
    await client.destroy();
    await shared.destroy();
  }
}

/** Rows of either side that the other has not, or has otherwise. */
function findUnpaired(ours: unknown[], theirs: unknown[]): unknown[] {
  const [here, there] = [ours, theirs].map((rows) => new Set(rows.map((row) => JSON.stringify(row))));
  return [...[...here!].filter((row) => !there!.has(row)), ...[...there!].filter((row) => !here!.has(row))];
}

async function listWrongQuota(client: DataSource): Promise<unknown[]> {
  return [
    ...(await client.query<unknown[]>(
      `SELECT u.username, u.quota_used, SUM(IF(l.kind = 'charge', 1, -1)) AS charged FROM client_users u
           JOIN quota_ledger l ON l.client_id = u.client_id AND l.quota_day = u.quota_reset_date
           GROUP BY u.id HAVING u.quota_used <> charged`,
    )),
    ...(
      await client.query<Charged[]>(
        `SELECT t.task_id, t.run_no, t.status, t.error_code, SUM(l.kind = 'charge') AS charges,
             SUM(l.kind = 'refund' AND l.run_no = t.run_no) AS refunds
           FROM client_tasks t LEFT JOIN quota_ledger l ON l.task_id = t.task_id GROUP BY t.id`,
      )
    ).filter(
      (task) => Number(task.charges) !== task.run_no || (Number(task.refunds) === 1) !== isRefundable(task.error_code),
    ),
  ];
}

function blobPath(settings: Settings, hash: string): string {
  return join(settings.storage.directory, 'blobs', hash.slice(0, 2), hash.slice(2, 4), hash);
}

/** Tasks on either side, and the runs that their owner asked for. */
export async function countRuns(settings: Settings): Promise<{ copies: number; queued: number; runs: number }> {
  const client = await new DataSource(clientDataSourceOptions(settings)).initialize();
  const shared = await new DataSource(sharedDataSourceOptions(settings)).initialize();
  try {
    const sql = 'SELECT COUNT(*) AS tasks, COALESCE(SUM(run_no), 0) AS runs FROM';
    const [copies] = await client.query<{ tasks: string; runs: string }[]>(`${sql} client_tasks`);
    const [queued] = await shared.query<{ tasks: string }[]>(`${sql} global_tasks`);
    return { copies: Number(copies!.tasks), queued: Number(queued!.tasks), runs: Number(copies!.runs) };
  } finally {
    await client.destroy();
    await shared.destroy();
  }
}

/** Stored files that nobody will ever remove: those without a row, and those whose deletion was begun and left. */
export async function listStrayFiles(settings: Settings): Promise<string[]> {
  const shared = await new DataSource(sharedDataSourceOptions(settings)).initialize();
  try {
    const rows = await shared.query<{ hash: string }[]>(`SELECT hash FROM blobs WHERE state = 'active'`);
    const known = new Set(rows.map(({ hash }) => hash));
    const entries = await readdir(join(settings.storage.directory, 'blobs'), { recursive: true });
    return entries.map((entry) => basename(entry)).filter((name) => name.length === 64 && !known.has(name));
  } finally {
    await shared.destroy();
  }
}
