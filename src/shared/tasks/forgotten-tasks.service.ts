import { Injectable } from '@nestjs/common';
import { Database, InjectDatabase } from '../../database/index.js';
import { BlobsRepository } from '../files/blobs.repository.js';
import { StatisticsService } from '../statistics/statistics.service.js';
import { ForgottenTasksRepository, type EndCursor } from './forgotten-tasks.repository.js';

export interface ForgottenStep {
  removed: number;
  /** Where the next step begins; undefined: there is none. */
  next: EndCursor | undefined;
}

const TASKS_AT_ONCE = 200;
const FIRST: EndCursor = { endedAt: new Date('1000-01-02T00:00:00Z'), id: '0' };

/** Removes what the queue holds of tasks that their owners have removed (I5); the sweep takes their bytes afterwards. */
@Injectable()
export class ForgottenTasksService {
  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly tasks: ForgottenTasksRepository,
    private readonly blobs: BlobsRepository,
    private readonly statistics: StatisticsService,
  ) {}

  /**
   * Ended before `before`. `underWay`: of which tasks the owner's events are still to arrive here: a wish that comes
   * after the row has gone would make it anew.
   */
  async removeSome(
    before: Date,
    after: EndCursor | undefined,
    underWay: (taskIds: string[]) => Promise<Set<string>>,
  ): Promise<ForgottenStep> {
    const forgotten = await this.tasks.list(before, after ?? FIRST, TASKS_AT_ONCE);
    const next = forgotten.length === TASKS_AT_ONCE ? forgotten.at(-1) : undefined;
    const arriving = await underWay(forgotten.map(({ taskId }) => taskId));
    const known = forgotten.filter(({ taskId }) => !arriving.has(taskId));
    const last = known.at(-1);
    if (!last) return { removed: 0, next };
    await this.statistics.closeHoursUntil(last.endedAt);
    return { removed: await this.remove(known.map(({ id }) => id)), next };
  }

  private remove(known: string[]): Promise<number> {
    return this.database.transaction(async (transaction) => {
      const ids = await this.tasks.lockRemovable(transaction, known);
      if (ids.length === 0) return 0;
      const { fileIds, hashes } = await this.tasks.listFiles(transaction, ids);
      await this.blobs.release(transaction, hashes);
      return this.tasks.remove(transaction, ids, fileIds);
    });
  }
}
