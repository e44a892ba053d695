import { Injectable } from '@nestjs/common';
import { Batcher } from '../../common/index.js';
import { Database, InjectDatabase, perRow, type Executor, type SqlPart } from '../../database/index.js';
import type { NodeFence } from './assignments.repository.js';

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
    work: (postings) => writeAll(postings, (those) => this.writePostings(those)),
  });
  private readonly told = new Batcher<Told, boolean>({
    ...TOGETHER,
    work: (marks) => writeAll(marks, async (those) => (await writeTold(this.database, those)) === those.length),
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

  /** A mark that was set cannot be set again: where one of several cannot be, none is. */
  private async writePostings(postings: Posting[]): Promise<boolean> {
    if (postings.length === 1) return (await writePostings(this.database, postings)) === 1;
    try {
      await this.database.transaction(async (transaction) => {
        if ((await writePostings(transaction, postings)) < postings.length) throw new SomeMissedError();
      });
      return true;
    } catch (error) {
      if (error instanceof SomeMissedError) return false;
      throw error;
    }
  }
}

class SomeMissedError extends Error {}

/** All at once; where not all of them took effect, each alone: the count does not tell which did. */
async function writeAll<Mark>(
  marks: Mark[],
  write: (marks: Mark[]) => Promise<boolean>,
): Promise<PromiseSettledResult<boolean>[]> {
  const isDone = (value: boolean) => ({ status: 'fulfilled' as const, value });
  const areDone = await write(marks);
  if (areDone || marks.length === 1) return marks.map(() => isDone(areDone));
  const alone: PromiseSettledResult<boolean>[] = [];
  for (const mark of marks) alone.push(isDone(await write([mark])));
  return alone;
}

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

/** Every write names the assignment, the fence and the state that it expects; a late owner's writes change 0 rows. */
function fencedEach(ids: string[], fences: NodeFence[]): SqlPart {
  const by = { key: 'assignment_id', keys: ids };
  const each = [
    perRow(
      'node_id',
      by,
      fences.map(({ nodeId }) => nodeId),
    ),
    perRow(
      'lease_token',
      by,
      fences.map(({ leaseToken }) => leaseToken),
    ),
    perRow(
      'owner_id',
      by,
      fences.map(({ ownerId }) => ownerId),
    ),
  ];
  return {
    sql: ['assignment_id IN (?)', ...each.map(({ sql }) => sql)].join(' AND '),
    values: [ids, ...each.flatMap(({ values }) => values)],
  };
}
