import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import type { RangeDigest, TaskRange } from './task-digest.js';
import { TaskDigestsRepository, type GlobalTaskDigest } from './task-digests.repository.js';
import { TaskTransitions, type OvertakenCopy } from './task-transitions.js';

/** For the reconciler: what `shared` says of tasks, and saying it again to copies that have it wrong (I7). */
@Injectable()
export class TaskDigestsService {
  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly digests: TaskDigestsRepository,
    private readonly transitions: TaskTransitions,
    private readonly signals: Signals,
  ) {}

  list(taskIds: string[], stillForMs: number): Promise<GlobalTaskDigest[]> {
    return this.digests.list(taskIds, stillForMs);
  }

  digestRange(range: TaskRange): Promise<RangeDigest> {
    return this.digests.digestRange(range);
  }

  /** Announces the states of tasks whose copies are behind, and of those that copies hold otherwise as newer ones. */
  async announce(behind: string[], toOvertake: OvertakenCopy[]): Promise<void> {
    if (behind.length + toOvertake.length === 0) return;
    await this.database.transaction(async (transaction) => {
      await this.digests.lock(transaction, [...behind, ...toOvertake.map(({ known }) => known.taskId)]);
      const raised: string[] = [];
      for (const copy of toOvertake) {
        if (await this.transitions.overtake(transaction, copy)) raised.push(copy.known.taskId);
      }
      await this.transitions.announce(transaction, [...behind, ...raised]);
    });
    this.signals.emit('shared.outbox');
  }
}
