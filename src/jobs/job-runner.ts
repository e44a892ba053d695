import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JobRunsRepository, type JobRunEnd } from '../admin/index.js';
import { Clock, ConflictError, LOGGER, Metrics, NotFoundError, type Logger } from '../common/index.js';
import { LeaseKeeper, type Lease } from '../database/index.js';
import { JOBS } from './jobs.js';
import type { Job, JobResult } from './job.js';

export interface JobOutcome {
  runKey: string;
  status: 'done' | 'failed';
  durationMs: number;
  result?: JobResult;
  error?: string;
}

/** Runs jobs under their leases, each run with its row in `job_runs`. */
@Injectable()
export class JobRunner {
  constructor(
    @Inject(JOBS) readonly jobs: Job[],
    private readonly runs: JobRunsRepository,
    private readonly leases: LeaseKeeper,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  find(name: string): Job {
    const job = this.jobs.find((known) => known.name === name);
    if (job) return job;
    const names = this.jobs.map((known) => known.name).join(', ');
    throw new NotFoundError(`There is no job "${name}". There are: ${names}.`, 'JOB_NOT_FOUND');
  }

  /** Undefined: another process is at it, or this due moment is done already. */
  async runDue(job: Job, dueAt: Date, signal: AbortSignal): Promise<JobOutcome | undefined> {
    const lease = await this.leases.tryAcquire(leaseOf(job));
    return lease && this.runUnder(lease, job, { runKey: dueAt.toISOString(), dueAt, signal, options: {} });
  }

  /** Now, whatever its schedule says; throws 409 while it is running, here or in another process. */
  async runNow(name: string, options: Record<string, string>, signal: AbortSignal): Promise<JobOutcome> {
    const job = this.find(name);
    const lease = this.running.has(name) ? undefined : await this.leases.tryAcquire(leaseOf(job));
    const runKey = `manual:${randomUUID()}`;
    const outcome = lease && (await this.runUnder(lease, job, { runKey, dueAt: this.clock.now(), signal, options }));
    if (outcome) return outcome;
    throw new ConflictError(`The job ${name} is running; look at its runs, or try again when it is done.`, 'JOB_RUNS');
  }

  private readonly running = new Set<string>();

  private async runUnder(
    lease: Lease,
    job: Job,
    { runKey, ...context }: { runKey: string; dueAt: Date; signal: AbortSignal; options: Record<string, string> },
  ): Promise<JobOutcome | undefined> {
    // The lease is this process's: of its own runs only this set knows.
    if (this.running.has(job.name)) return undefined;
    this.running.add(job.name);
    try {
      const startedAt = this.clock.now();
      if (!(await this.runs.begin(job.name, runKey, this.leases.ownerId, startedAt))) return undefined;
      const end = await this.work(job, context);
      await this.runs.end(job.name, runKey, this.leases.ownerId, end);
      const { status, durationMs, result, error } = end;
      this.metrics.noteJob(job.name, status, durationMs / 1_000);
      return { runKey, status, durationMs, ...(result ? { result } : {}), ...(error ? { error } : {}) };
    } finally {
      this.running.delete(job.name);
      await this.leases.release(lease);
    }
  }

  /** Never throws. */
  private async work(job: Job, context: Parameters<Job['run']>[0]): Promise<JobRunEnd & { result?: JobResult }> {
    const startedMs = this.clock.monotonicMs();
    const ended = () => ({ finishedAt: this.clock.now(), durationMs: this.clock.monotonicMs() - startedMs });
    try {
      const result = await job.run(context);
      return { status: 'done', ...ended(), ...(result ? { result } : {}) };
    } catch (error) {
      this.logger.error({ err: error, job: job.name }, 'a job failed');
      return { status: 'failed', ...ended(), error: (error as Error).message };
    }
  }
}

function leaseOf({ name }: Job): string {
  return `job:${name}`;
}
