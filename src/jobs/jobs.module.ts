import { Module } from '@nestjs/common';
import { ClientModule } from '../client/index.js';
import { SharedModule } from '../shared/index.js';
import { BlobSweepJob } from './blob-sweep.job.js';
import { WebhooksJob } from './webhooks.job.js';

/** Work that happens by the clock, in the processes that have the role `jobs`. */
@Module({ imports: [ClientModule, SharedModule], providers: [BlobSweepJob, WebhooksJob] })
export class JobsModule {}
