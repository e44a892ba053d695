import { Injectable } from '@nestjs/common';
import { Batcher } from '../../common/index.js';
import { Database, InjectDatabase, perRow, type Executor } from '../../database/index.js';
import { fencedEach, type NodeFence } from './assignments.repository.js';

/** What a node told of a prompt so far. What runs was accepted, whether or not its answer arrived. */
export interface PromptTimes {
  acceptedAt: Date;
  startedAt?: Date | undefined;
  /** It is done with it, well or not. */
  endedAt?: Date | undefined;
}

interface Posting {
  assignmentId: string;
  fence: NodeFence;
  at: Date;
}

interface Told {
  assignmentId: string;
  fence: NodeFence;
  times: PromptTimes;
}

const TOGETHER = { most: 100, lanes: 2 };

/**
 * Writes down where prompts are on their nodes. Every mark names its fence, so that a late owner's changes nothing
 * (I8); those of many nodes that come at about the same time share one statement and one flush of the disk.
 */
@Injectable()
export class PromptMarksRepository {
  private readonly postings = new Batcher<Posting, boolean>({
    ...TOGETHER,
    work: (postings) => this.writeAll(postings, writePostings),
  });
  private readonly told = new Batcher<Told, boolean>({
    ...TOGETHER,
    work: (marks) => this.writeAll(marks, writeTold),
  });

  constructor(@InjectDatabase('shared') private readonly database: Database) {}

  /** Just before POST: true for the one who may send it (I12). */
  markPosting(assignmentId: string, fence: NodeFence, at: Date): Promise<boolean> {
    return this.postings.do({ assignmentId, fence, at });
  }

  /**
   * What is on record already stays. One that has ended gives its slot back, while we fetch and settle (I10). False
   * where it is not ours, or closed.
   */
  markTold(assignmentId: string, fence: NodeFence, times: PromptTimes): Promise<boolean> {
    return this.told.do({ assignmentId, fence, times });
  }

  /** Together only where all of them take effect: of some, the count would not tell which. */
  private async writeAll<Mark>(
    marks: Mark[],
    write: (executor: Executor, marks: Mark[]) => Promise<number>,
  ): Promise<PromiseSettledResult<boolean>[]> {
    const isDone = (value: boolean) => ({ status: 'fulfilled' as const, value });
    if (marks.length > 1) {
      const areDone = await this.database
        .transaction(async (transaction) => {
          if ((await write(transaction, marks)) !== marks.length) throw new SomeMissedError();
          return true;
        })
        .catch((error: unknown) => {
          if (error instanceof SomeMissedError) return false;
          throw error;
        });
      if (areDone) return marks.map(() => isDone(true));
    }
    const alone: PromiseSettledResult<boolean>[] = [];
    for (const mark of marks) alone.push(isDone((await write(this.database, [mark])) === 1));
    return alone;
  }
}

class SomeMissedError extends Error {}

function writePostings(executor: Executor, postings: Posting[]): Promise<number> {
  const ids = postings.map(({ assignmentId }) => assignmentId);
  const each = perRow(
    'post_started_at',
    { key: 'assignment_id', keys: ids },
    postings.map(({ at }) => at),
  );
  const fenced = fencedEach(
    ids,
    postings.map(({ fence }) => fence),
  );
  return executor.run(
    `UPDATE node_task_assignments SET ${each.sql}
     WHERE ${fenced.sql} AND status = 'assigned' AND post_started_at IS NULL`,
    [...each.values, ...fenced.values],
  );
}

const TIMES = { acceptedAt: 'accepted_at', startedAt: 'started_at', endedAt: 'ended_on_node_at' } as const;

function writeTold(executor: Executor, marks: Told[]): Promise<number> {
  const ids = marks.map(({ assignmentId }) => assignmentId);
  const ended = marks.filter(({ times }) => times.endedAt).map(({ assignmentId }) => assignmentId);
  const set = [
    ...Object.entries(TIMES).map(([time, column]) => ({
      sql: `${column} = COALESCE(${column}, ELT(FIELD(assignment_id, ?), ?))`,
      values: [ids, marks.map(({ times }) => times[time as keyof PromptTimes] ?? null)],
    })),
    ...(ended.length > 0 ? [{ sql: 'slot = IF(assignment_id IN (?), NULL, slot)', values: [ended] }] : []),
  ];
  const fenced = fencedEach(
    ids,
    marks.map(({ fence }) => fence),
  );
  return executor.run(
    `UPDATE node_task_assignments SET status = 'running', ${set.map(({ sql }) => sql).join(', ')}
     WHERE ${fenced.sql} AND open_task_id IS NOT NULL`,
    [...set.flatMap(({ values }) => values), ...fenced.values],
  );
}
