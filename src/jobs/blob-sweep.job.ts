import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { UploadsService } from '../client/index.js';
import { InjectOutbox, type OutboxReader } from '../database/index.js';
import { BlobSweepService } from '../shared/index.js';
import type { Job, JobContext, JobResult } from './job.js';

/** One run's worth: what is left over waits for the next. */
const LIMIT = 10_000;

/** Removes files that nothing refers to any more. */
@Injectable()
export class BlobSweepJob implements Job {
  readonly name = 'blob-sweep';
  readonly description = 'Removes files that nothing refers to any more.';
  readonly schedule: number;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    @InjectOutbox('client') private readonly clientOutbox: OutboxReader,
    private readonly sweeps: BlobSweepService,
    private readonly uploads: UploadsService,
  ) {
    this.schedule = settings.jobs.blobSweepMs;
  }

  async run({ signal }: JobContext): Promise<JobResult> {
    await this.uploads.settleDoubtful();
    const relayLagMs = await this.clientOutbox.getLagMs();
    const result = await this.sweeps.sweep({ limit: LIMIT, relayLagMs, signal });
    if (result.reason) this.logger.warn(result, 'files were not swept');
    else if (result.removed > 0) this.logger.info(result, 'unused files removed');
    return { ...result };
  }
}
