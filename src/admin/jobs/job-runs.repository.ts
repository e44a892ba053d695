import { Injectable } from '@nestjs/common';
import { InjectDatabase, type Database } from '../../database/index.js';

/** One run of a scheduled job. */
export interface JobRunRecord {
  id: string;
  jobName: string;
  /** The moment it was due, in ISO 8601, or `manual:<id>`. */
  runKey: string;
  status: 'running' | 'done' | 'failed';
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

export interface JobRunEnd {
  status: 'done' | 'failed';
  finishedAt: Date;
  durationMs: number;
  result?: unknown;
  error?: string;
}

const COLUMNS = `id, job_name AS jobName, run_key AS runKey, status, started_at AS startedAt, finished_at AS finishedAt,
  duration_ms AS durationMs, owner, result, error`;

/** SQL of `job_runs`. */
@Injectable()
export class JobRunsRepository {
  constructor(@InjectDatabase('admin') private readonly database: Database) {}

  /** Begins a run, or one that ended badly or was left behind anew. False: it is done. The caller holds the job's lease. */
  async begin(jobName: string, runKey: string, owner: string, startedAt: Date): Promise<boolean> {
    await this.database.run(
      `INSERT INTO job_runs (job_name, run_key, status, owner, started_at) VALUES (?, ?, 'running', ?, ?)
       ON DUPLICATE KEY UPDATE
         owner = IF(status = 'done', owner, VALUES(owner)),
         started_at = IF(status = 'done', started_at, VALUES(started_at)),
         status = IF(status = 'done', status, 'running')`,
      [jobName, runKey, owner, startedAt],
    );
    const [run] = await this.database.rows<{ status: string }>(
      'SELECT status FROM job_runs WHERE job_name = ? AND run_key = ?',
      [jobName, runKey],
    );
    return run?.status === 'running';
  }

  /** Nothing where another process took the run over meanwhile. */
  async end(jobName: string, runKey: string, owner: string, end: JobRunEnd): Promise<void> {
    await this.database.run(
      `UPDATE job_runs SET status = ?, finished_at = ?, duration_ms = ?, result = ?, error = ?
       WHERE job_name = ? AND run_key = ? AND owner = ? AND status = 'running'`,
      [
        ...[end.status, end.finishedAt, Math.round(end.durationMs)],
        ...[end.result === undefined ? null : JSON.stringify(end.result), end.error?.slice(0, 2_000) ?? null],
        ...[jobName, runKey, owner],
      ],
    );
  }

  /** The latest moment that was due and is done, or undefined; what was run by hand does not count. */
  async findLastDone(jobName: string): Promise<Date | undefined> {
    const [row] = await this.database.rows<{ runKey: string }>(
      `SELECT run_key AS runKey FROM job_runs
       WHERE job_name = ? AND status = 'done' AND run_key < 'a' ORDER BY run_key DESC LIMIT 1`,
      [jobName],
    );
    return row && new Date(row.runKey);
  }

  async listOf(jobName: string, limit: number, offset: number): Promise<{ items: JobRunRecord[]; total: number }> {
    const items = await this.database.rows<JobRunRecord>(
      `SELECT ${COLUMNS} FROM job_runs WHERE job_name = ? ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?`,
      [jobName, limit, offset],
    );
    const [counted] = await this.database.rows<{ total: string }>(
      'SELECT COUNT(*) AS total FROM job_runs WHERE job_name = ?',
      [jobName],
    );
    return { items, total: Number(counted?.total ?? 0) };
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
    const { items } = await this.listOf(jobName, 1, 0);
    return items[0];
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
