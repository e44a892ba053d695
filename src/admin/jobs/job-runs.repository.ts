import { Injectable } from '@nestjs/common';
import type { Page } from '../../common/index.js';
import { fromJson, InjectDatabase, type Database } from '../../database/index.js';

export const RUN_STATUSES = ['running', 'done', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** One run of a scheduled job. */
export interface JobRunRecord {
  id: string;
  jobName: string;
  /** The moment it was due, in ISO 8601, or `manual:<id>`. */
  runKey: string;
  status: RunStatus;
  startedAt: Date;
  finishedAt: Date | null;
  durationMs: number | null;
  owner: string | null;
  result: unknown;
  error: string | null;
}

/** How a job's latest run went, and when one went well for the last time. */
export interface JobState {
  jobName: string;
  status: JobRunRecord['status'];
  durationMs: number | null;
  doneAt: Date | null;
}

/** Who runs it, and under which lease of the job (fencing, I8). */
export interface JobRunHolder {
  jobName: string;
  runKey: string;
  owner: string;
  leaseToken: number;
}

export interface JobRunEnd {
  status: 'done' | 'failed';
  finishedAt: Date;
  durationMs: number;
  result?: unknown;
  error?: string;
}

const DAY_MS = 86_400_000;
const COLUMNS = `id, job_name AS jobName, run_key AS runKey, status, started_at AS startedAt, finished_at AS finishedAt,
  duration_ms AS durationMs, owner, result, error`;

/** SQL of `job_runs`. */
@Injectable()
export class JobRunsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /**
   * Begins a run, or one that failed before `failedBefore` or was left behind by an earlier holder of the lease anew.
   * False: it is done, failed just now, or a later holder has it. The caller holds the job's lease.
   */
  async begin(holder: JobRunHolder, startedAt: Date, failedBefore: Date): Promise<boolean> {
    const { jobName, runKey, owner, leaseToken } = holder;
    const made = await this.database.run(
      `INSERT IGNORE INTO job_runs (job_name, run_key, status, owner, lease_token, started_at)
       VALUES (?, ?, 'running', ?, ?, ?)`,
      [jobName, runKey, owner, leaseToken, startedAt],
    );
    const begun = made === 1 || (await this.beginAnew(holder, startedAt, failedBefore));
    if (begun) await this.closeLeftBehind(holder, startedAt);
    return begun;
  }

  private async beginAnew(holder: JobRunHolder, startedAt: Date, failedBefore: Date): Promise<boolean> {
    const { jobName, runKey, owner, leaseToken } = holder;
    const taken = await this.database.run(
      `UPDATE job_runs SET status = 'running', owner = ?, lease_token = ?, started_at = ?,
         finished_at = NULL, duration_ms = NULL, result = NULL, error = NULL
       WHERE job_name = ? AND run_key = ? AND lease_token < ?
         AND (status = 'running' OR (status = 'failed' AND finished_at <= ?))`,
      [owner, leaseToken, startedAt, jobName, runKey, leaseToken, failedBefore],
    );
    return taken === 1;
  }

  /** Runs of other moments that nobody will end any more: their process was killed. */
  private async closeLeftBehind({ jobName, runKey, leaseToken }: JobRunHolder, now: Date): Promise<void> {
    await this.database.run(
      `UPDATE job_runs SET status = 'failed', finished_at = ?, error = 'Its process ended before it did.'
       WHERE job_name = ? AND status = 'running' AND run_key <> ?
         AND (lease_token < ? OR started_at < ?)`,
      [now, jobName, runKey, leaseToken, new Date(now.getTime() - DAY_MS)],
    );
  }

  /** False where a later holder of the lease took the run over meanwhile: nothing is written then. */
  async end({ jobName, runKey, owner, leaseToken }: JobRunHolder, end: JobRunEnd): Promise<boolean> {
    const ended = await this.database.run(
      `UPDATE job_runs SET status = ?, finished_at = ?, duration_ms = ?, result = ?, error = ?
       WHERE job_name = ? AND run_key = ? AND owner = ? AND lease_token = ? AND status = 'running'`,
      [
        ...[end.status, end.finishedAt, Math.round(end.durationMs)],
        ...[end.result === undefined ? null : JSON.stringify(end.result), end.error?.slice(0, 2_000) ?? null],
        ...[jobName, runKey, owner, leaseToken],
      ],
    );
    return ended === 1;
  }

  /**
   * The latest moment that was due and is done, or undefined. What was run by hand does not count, nor what is still to
   * come: a clock that once was ahead must not silence the job until then.
   */
  async findLastDone(jobName: string, until: Date): Promise<Date | undefined> {
    const [row] = await this.database.rows<{ runKey: string }>(
      `SELECT run_key AS runKey FROM job_runs
       WHERE job_name = ? AND status = 'done' AND run_key <= ? ORDER BY run_key DESC LIMIT 1`,
      [jobName, until.toISOString()],
    );
    return row && new Date(row.runKey);
  }

  /** The latest first. */
  async listOf(jobName: string, filter: { limit: number; offset: number; status?: RunStatus | undefined }) {
    const where = filter.status ? 'job_name = ? AND status = ?' : 'job_name = ?';
    const values = filter.status ? [jobName, filter.status] : [jobName];
    const [rows, [counted]] = await Promise.all([
      this.database.rows<JobRunRecord>(
        `SELECT ${COLUMNS} FROM job_runs WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?`,
        [...values, filter.limit, filter.offset],
      ),
      this.database.rows<{ total: string }>(`SELECT COUNT(*) AS total FROM job_runs WHERE ${where}`, values),
    ]);
    const page: Page<JobRunRecord> = { items: rows.map(readRun), total: Number(counted?.total ?? 0) };
    return page;
  }

  /** How each job that ever ran is doing. Both looks walk the index from its end: how many runs are kept does not matter. */
  async listStates(): Promise<JobState[]> {
    return this.database.rows<JobState>(
      `SELECT r.job_name AS jobName, r.status, r.duration_ms AS durationMs,
              (SELECT d.finished_at FROM job_runs d WHERE d.job_name = r.job_name AND d.status = 'done'
               ORDER BY d.started_at DESC LIMIT 1) AS doneAt
       FROM (SELECT job_name, MAX(started_at) AS started_at FROM job_runs GROUP BY job_name) latest
       JOIN job_runs r ON r.job_name = latest.job_name AND r.started_at = latest.started_at`,
    );
  }

  async findLatest(jobName: string): Promise<JobRunRecord | undefined> {
    const [row] = await this.database.rows<JobRunRecord>(
      `SELECT ${COLUMNS} FROM job_runs WHERE job_name = ? ORDER BY started_at DESC, id DESC LIMIT 1`,
      [jobName],
    );
    return row && readRun(row);
  }

  /** What the database takes for now: nothing is removed where our clock disagrees with it (I9). */
  async readClock(): Promise<Date> {
    const [row] = await this.database.rows<{ now: Date }>('SELECT UTC_TIMESTAMP(3) AS now');
    return row!.now;
  }

  /** Removes old runs, so many at once; keeps each job's latest. */
  async removeBefore(time: Date, limit: number): Promise<number> {
    const old = await this.database.rows<{ id: string }>(
      `SELECT r.id FROM job_runs r WHERE r.started_at < ? AND r.status <> 'running'
       AND EXISTS (SELECT 1 FROM job_runs n WHERE n.job_name = r.job_name AND n.started_at > r.started_at) LIMIT ?`,
      [time, limit],
    );
    if (old.length === 0) return 0;
    return this.database.run('DELETE FROM job_runs WHERE id IN (?)', [old.map(({ id }) => id)]);
  }
}

function readRun(row: JobRunRecord): JobRunRecord {
  return { ...row, result: row.result === null ? null : fromJson(row.result) };
}
