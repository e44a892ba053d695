import { Inject, Injectable } from '@nestjs/common';
import { Clock, LOGGER, type Logger } from '../common/index.js';
import { SETTINGS, type Settings } from '../config/index.js';
import { InjectOutbox, type OutboxReader } from '../database/index.js';
import type { Job, JobContext, JobResult } from './job.js';

const BATCH_SIZE = 1_000;
const DAY_MS = 86_400_000;

/** Removes events some days after they were applied on the other side (I7), in batches that hold nobody up. */
@Injectable()
export class OutboxRetentionJob implements Job {
  readonly name = 'outbox-retention';
  readonly description = 'Removes events some days after they were applied.';
  readonly schedule = '0 25 * * * *';
  private readonly outboxes: OutboxReader[];
  private readonly keepMs: number;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly clock: Clock,
    @InjectOutbox('client') clientOutbox: OutboxReader,
    @InjectOutbox('shared') sharedOutbox: OutboxReader,
    @InjectOutbox('admin') adminOutbox: OutboxReader,
  ) {
    this.outboxes = [clientOutbox, sharedOutbox, adminOutbox];
    this.keepMs = settings.sync.keepPublishedDays * DAY_MS;
  }

  async run({ signal }: JobContext): Promise<JobResult> {
    let removed = 0;
    for (const outbox of this.outboxes) removed += await this.empty(outbox, signal);
    if (removed > 0) this.logger.info({ removed }, 'published events removed');
    return { removed };
  }

  private async empty(outbox: OutboxReader, signal: AbortSignal): Promise<number> {
    const options = { now: this.clock.now(), keepMs: this.keepMs, limit: BATCH_SIZE };
    for (let total = 0; ;) {
      const removed = await outbox.removePublished(options);
      total += removed;
      if (removed < BATCH_SIZE || signal.aborted) return total;
    }
  }
}
