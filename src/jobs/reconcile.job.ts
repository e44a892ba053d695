import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { Reconciler } from '../sync/index.js';
import type { Job } from './job.js';

/** Compares users' tasks with the queue (I7). The lease only saves work: an event announced twice does no harm. */
@Injectable()
export class ReconcileJob implements Job {
  readonly name = 'reconcile';
  readonly everyMs: number;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly reconciler: Reconciler,
  ) {
    this.everyMs = settings.jobs.reconcileMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.reconciler.reconcile(signal);
  }
}
