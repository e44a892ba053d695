import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/index.js';
import { ClientModule } from '../client/index.js';
import { FlamesModule } from '../flames/index.js';
import { SharedModule } from '../shared/index.js';
import { SyncModule } from '../sync/index.js';
import { BlobSweepJob } from './blob-sweep.job.js';
import { ClientDataRetentionJob } from './client-data-retention.job.js';
import { FlamesRetentionJob } from './flames-retention.job.js';
import { FlamesSpoolJob } from './flames-spool.job.js';
import { ForgottenTasksJob } from './forgotten-tasks.job.js';
import { HistoryRetentionJob } from './history-retention.job.js';
import { HourlyStatisticsJob } from './hourly-statistics.job.js';
import { IdempotencyRetentionJob } from './idempotency-retention.job.js';
import { JobMetrics } from './job-metrics.js';
import { JobRunner } from './job-runner.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';
import { JobsClock } from './jobs-clock.js';
import { JOBS } from './jobs.js';
import type { Job } from './job.js';
import { ModelsSyncJob } from './models-sync.job.js';
import { NightlyStatisticsJob } from './nightly-statistics.job.js';
import { OutboxRetentionJob } from './outbox-retention.job.js';
import { PerformanceMetricsJob } from './performance-metrics.job.js';
import { LogRetentionJob } from './log-retention.job.js';
import { PartitionsJob } from './partitions.job.js';
import { QuotaResetJob } from './quota-reset.job.js';
import { ReconcileJob } from './reconcile.job.js';
import { RetentionClock } from './retention-clock.js';
import { UploadRetentionJob } from './upload-retention.job.js';
import { WebhooksJob } from './webhooks.job.js';

/** In the order of lists. */
const SCHEDULED = [
  BlobSweepJob,
  FlamesRetentionJob,
  IdempotencyRetentionJob,
  ModelsSyncJob,
  OutboxRetentionJob,
  PerformanceMetricsJob,
  ReconcileJob,
  ClientDataRetentionJob,
  ForgottenTasksJob,
  HistoryRetentionJob,
  LogRetentionJob,
  PartitionsJob,
  QuotaResetJob,
  UploadRetentionJob,
  HourlyStatisticsJob,
  NightlyStatisticsJob,
];

/** Work that happens by the clock, in the processes that have the role `jobs`. */
@Module({
  imports: [AdminModule, ClientModule, FlamesModule, SharedModule, SyncModule],
  controllers: [JobsController],
  providers: [
    ...SCHEDULED,
    { provide: JOBS, inject: SCHEDULED, useFactory: (...jobs: Job[]) => jobs },
    FlamesSpoolJob,
    JobMetrics,
    JobRunner,
    JobsClock,
    RetentionClock,
    JobsService,
    WebhooksJob,
  ],
  exports: [JobRunner, JobsService],
})
export class JobsModule {}
