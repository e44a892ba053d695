import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AdminModule } from '../admin/index.js';
import { ClientModule } from '../client/index.js';
import { LOGGER, type BackgroundLoop, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { LeaseKeeper } from '../database/index.js';
import { FlamesModule } from '../flames/index.js';
import { SharedModule } from '../shared/index.js';
import { SyncModule } from '../sync/index.js';
import { BlobSweepJob } from './blob-sweep.job.js';
import { FlamesRetentionJob } from './flames-retention.job.js';
import { FlamesSpoolJob } from './flames-spool.job.js';
import { IdempotencyRetentionJob } from './idempotency-retention.job.js';
import { loopOf } from './job.js';
import { OutboxRetentionJob } from './outbox-retention.job.js';
import { ReconcileJob } from './reconcile.job.js';
import { WebhooksJob } from './webhooks.job.js';

/** Starts and stops the jobs that go by the clock alone; webhooks are nudged, too. */
@Injectable()
class JobsLifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops: BackgroundLoop[];

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) logger: Logger,
    leases: LeaseKeeper,
    sweep: BlobSweepJob,
    keys: IdempotencyRetentionJob,
    retention: OutboxRetentionJob,
    reconcile: ReconcileJob,
    flamesRetention: FlamesRetentionJob,
  ) {
    this.loops = [sweep, keys, retention, reconcile, flamesRetention].map((job) => loopOf(job, { leases, logger }));
  }

  onApplicationBootstrap(): void {
    const { server, jobs } = this.settings;
    if (!jobs.enabled || !server.roles.includes('jobs')) return;
    for (const loop of this.loops) loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}

/** Work that happens by the clock, in the processes that have the role `jobs`. */
@Module({
  imports: [AdminModule, ClientModule, FlamesModule, SharedModule, SyncModule],
  providers: [
    BlobSweepJob,
    FlamesRetentionJob,
    FlamesSpoolJob,
    IdempotencyRetentionJob,
    JobsLifecycle,
    OutboxRetentionJob,
    ReconcileJob,
    WebhooksJob,
  ],
})
export class JobsModule {}
