import { Injectable } from '@nestjs/common';
import { RetentionService } from '../flames/index.js';
import type { Job } from './job.js';

/** Removes the logs of evaluations whose time is over. */
@Injectable()
export class FlamesRetentionJob implements Job {
  readonly name = 'flames-retention';
  readonly everyMs = 3_600_000;

  constructor(private readonly retention: RetentionService) {}

  async run(signal: AbortSignal): Promise<void> {
    await this.retention.cleanUp(signal);
  }
}
