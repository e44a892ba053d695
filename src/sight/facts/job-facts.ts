import { Injectable } from '@nestjs/common';
import { JobRunsRepository } from '../../admin/index.js';
import { FactRegistry, gauge, type FactSource } from './fact-source.js';

/** How scheduled jobs are doing, whichever process ran them. */
@Injectable()
export class JobFacts implements FactSource {
  readonly name = 'jobs';
  readonly told;
  private readonly done;
  private readonly failed;
  private readonly took;

  constructor(
    registry: FactRegistry,
    private readonly runs: JobRunsRepository,
  ) {
    this.done = gauge(registry, 'cws_job_last_success_timestamp_seconds', 'When a run last went well.', ['job_name']);
    this.failed = gauge(registry, 'cws_job_last_run_failed', 'Whether the latest run failed.', ['job_name']);
    this.took = gauge(registry, 'cws_job_last_run_seconds', 'How long the latest run that ended took.', ['job_name']);
    this.told = [this.done, this.failed, this.took];
  }

  async read(): Promise<() => void> {
    const states = await this.runs.listStates();
    return () => {
      for (const gauges of this.told) gauges.reset();
      for (const { jobName, status, durationMs, doneAt } of states) {
        this.failed.set({ job_name: jobName }, status === 'failed' ? 1 : 0);
        if (doneAt) this.done.set({ job_name: jobName }, doneAt.getTime() / 1_000);
        if (durationMs !== null) this.took.set({ job_name: jobName }, durationMs / 1_000);
      }
    };
  }
}
