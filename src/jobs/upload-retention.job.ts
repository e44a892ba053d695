import { Inject, Injectable } from '@nestjs/common';
import { UploadRetentionService } from '../client/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import type { Job, JobContext, JobResult } from './job.js';
import { paced } from './paced.js';
import { RetentionClock } from './retention-clock.js';

/** Removes uploads that no task needs: never used, or only by tasks that are gone. */
@Injectable()
export class UploadRetentionJob implements Job {
  readonly name = 'upload-retention';
  readonly description = 'Removes uploads that no task needs.';
  readonly schedule = '0 35 2 * * *';

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly clock: RetentionClock,
    private readonly uploads: UploadRetentionService,
  ) {}

  async run({ signal }: JobContext): Promise<JobResult> {
    const before = await this.clock.daysAgo(this.settings.retention.temporaryHours / 24);
    let removed = 0;
    let after: string | undefined;
    await paced(signal, async () => {
      const step = await this.uploads.removeSome(before, after);
      removed += step.removed;
      after = step.next;
      return after !== undefined;
    });
    return { removed };
  }
}
