import { Injectable } from '@nestjs/common';
import { AuditService, JobRunsRepository, type JobRunRecord, type RunStatus } from '../admin/index.js';
import { Clock, type Page } from '../common/index.js';
import { LeaseKeeper } from '../database/index.js';
import { JobRunner, type JobOutcome, type StartedRun } from './job-runner.js';
import type { Job } from './job.js';
import { Schedule } from './schedule.js';

/** How long a request waits for a run; longer ones are looked up. */
const ANSWER_WITHIN_MS = 2_000;

/** A job as lists show it. */
export interface JobState {
  job: Job;
  schedule: Schedule;
  nextDueAt: Date;
  latest: JobRunRecord | undefined;
  /** The process that holds the job's lease, by its id. */
  heldBy: string | undefined;
}

/** What is known of the jobs, and runs by hand. */
@Injectable()
export class JobsService {
  constructor(
    private readonly runner: JobRunner,
    private readonly runs: JobRunsRepository,
    private readonly leases: LeaseKeeper,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<JobState[]> {
    const { jobs } = this.runner;
    const owners = await this.leases.ownersOf(jobs.map(({ name }) => `job:${name}`));
    return Promise.all(
      jobs.map(async (job) => {
        const schedule = new Schedule(job.schedule);
        const nextDueAt = schedule.nextAfter(this.clock.now());
        const latest = await this.runs.findLatest(job.name);
        return { job, schedule, nextDueAt, latest, heldBy: owners.get(`job:${job.name}`) };
      }),
    );
  }

  async listRuns(
    name: string,
    filter: { limit: number; offset: number; status?: RunStatus | undefined },
  ): Promise<Page<JobRunRecord>> {
    return this.runs.listOf(this.runner.find(name).name, filter);
  }

  /** Begins a run by hand, and notes who did. */
  async start(name: string, options: Record<string, string>, signal?: AbortSignal): Promise<StartedRun> {
    const run = await this.runner.start(name, options, signal);
    // The note may fail while the run goes on: it must not become an unhandled rejection.
    run.ended.catch(() => undefined);
    await this.audit.record({
      action: 'job.run',
      targetType: 'job',
      targetId: name,
      after: { run_key: run.runKey, options },
    });
    return run;
  }

  /** The outcome where the run ends soon, else undefined. */
  async startAndWait(name: string, options: Record<string, string>): Promise<{ runKey: string; outcome?: JobOutcome }> {
    const { runKey, ended } = await this.start(name, options);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ANSWER_WITHIN_MS, undefined)));
    const outcome = await Promise.race([ended, late]).finally(() => clearTimeout(timer));
    return { runKey, ...(outcome ? { outcome } : {}) };
  }
}
