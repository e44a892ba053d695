import { Injectable } from '@nestjs/common';
import { RetentionService } from '../flames/index.js';
import type { Job, JobContext } from './job.js';

/** Removes the logs of evaluations whose time is over. */
@Injectable()
export class FlamesRetentionJob implements Job {
  readonly name = 'flames-retention';
  readonly description = 'Removes the logs of evaluations whose time is over.';
  readonly schedule = '0 30 * * * *';

  constructor(private readonly retention: RetentionService) {}

  async run({ signal }: JobContext): Promise<void> {
    await this.retention.cleanUp(signal);
  }
}
