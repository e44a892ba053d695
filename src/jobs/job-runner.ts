import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { JobRunsRepository, type JobRunEnd, type JobRunHolder } from '../admin/index.js';
import {
  Clock,
  ConflictError,
  InvalidInputError,
  LOGGER,
  Metrics,
  newId,
  NotFoundError,
  type Logger,
} from '../common/index.js';
import { LeaseKeeper, type Lease } from '../database/index.js';
import { JOBS } from './jobs.js';
import type { Job, JobContext } from './job.js';
import { runWithin, toStorable } from './run-within.js';
import { Schedule } from './schedule.js';

const TIME_LIMIT_MS = 3_600_000;

export interface JobOutcome {
  runKey: string;
  status: 'done' | 'failed';
  durationMs: number;
  result?: unknown;
  error?: string;
}

/** A run that has begun; `ended` never rejects but where the end could not be written. */
export interface StartedRun {
  runKey: string;
  ended: Promise<JobOutcome>;
}

interface Occasion extends Pick<JobContext, 'dueAt' | 'options'> {
  runKey: string;
  signal?: AbortSignal;
}

/** Runs jobs under their leases, each run with its row in `job_runs`. */
@Injectable()
export class JobRunner implements OnModuleDestroy {
  /** How long a run may go on that was told to stop. */
  graceMs = 10_000;
  /** The lease is this process's: of its own runs only this set knows. */
  private readonly running = new Set<string>();
  private readonly started = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();

  constructor(
    @Inject(JOBS) readonly jobs: Job[],
    private readonly runs: JobRunsRepository,
    private readonly leases: LeaseKeeper,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('Its process was stopped.'));
    await Promise.allSettled(this.started);
  }

  find(name: string): Job {
    const job = this.jobs.find((known) => known.name === name);
    if (job) return job;
    const names = this.jobs.map((known) => known.name).join(', ');
    throw new NotFoundError(`There is no job "${name}". There are: ${names}.`, 'JOB_NOT_FOUND');
  }

  /** Undefined: another process is at it, or this due moment is done, or failed just now. */
  async runDue(job: Job, dueAt: Date): Promise<JobOutcome | undefined> {
    const run = await this.begin(job, { runKey: dueAt.toISOString(), dueAt, options: {} });
    return run?.ended;
  }

  /** Begins now, whatever its schedule says; throws 409 while it is running, here or in another process. */
  async start(name: string, options: Record<string, string>, signal?: AbortSignal): Promise<StartedRun> {
    const job = this.find(name);
    checkOptions(job, options);
    const occasion = { runKey: `manual:${newId()}`, dueAt: this.clock.now(), options, ...(signal ? { signal } : {}) };
    const run = await this.begin(job, occasion);
    if (run) return run;
    throw new ConflictError(`The job ${name} is running; look at its runs, or try again when it is done.`, 'JOB_RUNS');
  }

  private async begin(job: Job, occasion: Occasion): Promise<StartedRun | undefined> {
    if (this.running.has(job.name) || this.stopping.signal.aborted) return undefined;
    this.running.add(job.name);
    const lost = new AbortController();
    const onLost = () => lost.abort(new Error('Another process took its lease over.'));
    let lease: Lease | undefined;
    let run: StartedRun | undefined;
    try {
      lease = await this.leases.tryAcquire(`job:${job.name}`, onLost);
      if (lease) run = await this.beginUnder(lease, job, occasion, lost.signal);
      return run;
    } finally {
      if (!run) await this.giveBack(job, lease);
    }
  }

  private async beginUnder(lease: Lease, job: Job, occasion: Occasion, lost: AbortSignal) {
    const { runKey } = occasion;
    const holder = { jobName: job.name, runKey, owner: this.leases.ownerId, leaseToken: lease.token };
    const now = this.clock.now();
    // A failed run is tried again, until the next due moment takes its place.
    const failedBefore = new Date(now.getTime() - new Schedule(job.schedule).retryMs);
    if (!(await this.runs.begin(holder, now, failedBefore))) return undefined;
    const ended = this.finish(job, holder, occasion, lost).finally(() => this.giveBack(job, lease));
    this.started.add(ended);
    const forget = () => this.started.delete(ended);
    ended.then(forget, forget);
    return { runKey, ended };
  }

  private async finish(job: Job, holder: JobRunHolder, occasion: Occasion, lost: AbortSignal): Promise<JobOutcome> {
    const { status, durationMs, result, error, ...end } = await this.work(job, occasion, lost);
    this.metrics.noteJob(job.name, status, durationMs / 1_000);
    const outcome = { status, durationMs, ...(result ? { result } : {}), ...(error ? { error } : {}) };
    if (!(await this.runs.end(holder, { ...end, ...outcome })))
      this.logger.warn({ job: job.name, runKey: holder.runKey }, 'another process took the run of a job over');
    return { runKey: holder.runKey, ...outcome };
  }

  /** Never throws. */
  private async work(job: Job, { dueAt, options, signal }: Occasion, lost: AbortSignal): Promise<JobRunEnd> {
    const startedMs = this.clock.monotonicMs();
    const ended = () => ({
      finishedAt: this.clock.now(),
      durationMs: Math.round(this.clock.monotonicMs() - startedMs),
    });
    const limitMs = job.timeLimitMs ?? TIME_LIMIT_MS;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`It took longer than ${limitMs / 1_000} s.`)), limitMs);
    const stop = AbortSignal.any([lost, late.signal, this.stopping.signal, ...(signal ? [signal] : [])]);
    try {
      const result = toStorable(await runWithin(job.run({ dueAt, options, signal: stop }), stop, this.graceMs));
      return { status: 'done', ...ended(), ...(result === undefined ? {} : { result }) };
    } catch (error) {
      this.logger.error({ err: error, job: job.name }, 'a job failed');
      return { status: 'failed', ...ended(), error: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  private async giveBack(job: Job, lease: Lease | undefined): Promise<void> {
    if (lease) await this.leases.release(lease);
    this.running.delete(job.name);
  }
}

function checkOptions(job: Job, options: Record<string, string>): void {
  if (job.checkOptions) return job.checkOptions(options);
  const [option] = Object.keys(options);
  if (option === undefined) return;
  const message = `The job ${job.name} takes no options.`;
  throw new InvalidInputError([{ field: `options.${option}`, message }], 'JOB_OPTION_UNKNOWN');
}
