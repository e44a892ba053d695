import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { Reconciler } from '../sync/index.js';
import type { Job, JobContext } from './job.js';

/** Compares users' tasks with the queue (I7). The lease only saves work: an event announced twice does no harm. */
@Injectable()
export class ReconcileJob implements Job {
  readonly name = 'reconcile';
  readonly description = "Compares users' tasks with the queue.";
  readonly schedule: number;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly reconciler: Reconciler,
  ) {
    this.schedule = settings.jobs.reconcileMs;
  }

  async run({ signal }: JobContext): Promise<void> {
    await this.reconciler.reconcile(signal);
  }
}
