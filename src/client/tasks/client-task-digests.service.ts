import { Injectable } from '@nestjs/common';
import { InjectDatabase, writeOutbox, type Database } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import type { RangeDigest, TaskDigest, TaskRange } from '../../shared/index.js';
import { ClientTaskDigestsRepository } from './client-task-digests.repository.js';
import { toWishEvent } from './task-wish.js';

/** For the reconciler: what the copies say of tasks, and wishing again what `shared` does not know (I7). */
@Injectable()
export class ClientTaskDigestsService {
  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly digests: ClientTaskDigestsRepository,
    private readonly signals: Signals,
  ) {}

  findRangeAfter(after: string, size: number): Promise<{ range: TaskRange; tasks: number } | undefined> {
    return this.digests.findRangeAfter(after, size);
  }

  digestRange(range: TaskRange): Promise<RangeDigest> {
    return this.digests.digestRange(range);
  }

  list(range: TaskRange, limit: number, stillForMs: number): Promise<TaskDigest[]> {
    return this.digests.list(range, limit, stillForMs);
  }

  async announce(taskIds: string[]): Promise<void> {
    if (taskIds.length === 0) return;
    await this.database.transaction(async (transaction) => {
      const wishes = await this.digests.lockWishes(transaction, taskIds);
      await writeOutbox(transaction, wishes.map(toWishEvent));
    });
    this.signals.emit('client.outbox');
  }
}
