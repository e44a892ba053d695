import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundLoop, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { InjectOutbox, LeaseKeeper, type OutboxReader } from '../database/index.js';
import { UploadsService } from '../client/index.js';
import { BlobSweepService } from '../shared/index.js';

/** One run's worth: what is left over waits for the next. */
const LIMIT = 10_000;
const LEASE = 'job:blob-sweep';

/** Removes files that nothing refers to any more, in one process at a time. */
@Injectable()
export class BlobSweepJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: BackgroundLoop;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    @InjectOutbox('client') private readonly clientOutbox: OutboxReader,
    private readonly leases: LeaseKeeper,
    private readonly sweeps: BlobSweepService,
    private readonly uploads: UploadsService,
  ) {
    const sweepMs = settings.jobs.blobSweepMs;
    this.loop = new BackgroundLoop({ name: LEASE, logger, sweepMs, round: () => this.run() });
  }

  onApplicationBootstrap(): void {
    const { server, jobs } = this.settings;
    if (jobs.enabled && server.roles.includes('jobs')) this.loop.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.loop.stop();
  }

  private async run(): Promise<void> {
    if (!(await this.leases.tryAcquire(LEASE))) return;
    await this.uploads.settleDoubtful();
    const result = await this.sweeps.sweep({ limit: LIMIT, relayLagMs: await this.clientOutbox.getLagMs() });
    if (result.reason) this.logger.warn(result, 'files were not swept');
    else if (result.removed > 0) this.logger.info(result, 'unused files removed');
  }
}
