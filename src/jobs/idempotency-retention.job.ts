import { Injectable } from '@nestjs/common';
import { IdempotencyService } from '../client/index.js';
import type { Job, JobContext } from './job.js';

const BATCH_SIZE = 1_000;

/** Forgets the answers of repeatable calls after their day, in batches that hold nobody up. */
@Injectable()
export class IdempotencyRetentionJob implements Job {
  readonly name = 'idempotency-retention';
  readonly description = 'Forgets the answers of repeatable calls after their day.';
  readonly schedule = '0 20 * * * *';

  constructor(private readonly idempotency: IdempotencyService) {}

  async run({ signal }: JobContext): Promise<void> {
    while (!signal.aborted && (await this.idempotency.forgetExpired(BATCH_SIZE)) === BATCH_SIZE);
  }
}
