import { Injectable } from '@nestjs/common';
import { Batcher, Clock } from '../../common/index.js';
import {
  Database,
  InjectDatabase,
  perRow,
  SomeMissedError,
  togetherOrAlone,
  type Executor,
  type SqlPart,
  type SqlValue,
  type Tries,
} from '../../database/index.js';
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
}

interface Told extends Posting {
  times: PromptTimes;
}

const TOGETHER = { most: 100, lanes: 2 };

/**
 * Writes down where prompts are on their nodes. Every mark names its fence, so that a late owner's changes nothing
 * (I8); those of many nodes that come at about the same time share one statement and one flush of the disk.
 */
@Injectable()
export class PromptMarksRepository {
  private readonly postings = new Batcher<Posting, Date | undefined>({
    ...TOGETHER,
    work: (postings) => togetherOrAlone(postings, (those, how) => this.writePostings(those, how)),
  });
  private readonly told = new Batcher<Told, boolean>({
    ...TOGETHER,
    work: (marks) => togetherOrAlone(marks, (those, how) => this.writeTold(those, how)),
  });

  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Just before POST: since when it is on record, for the one who may send it; undefined for everybody else (I12). */
  markPosting(assignmentId: string, fence: NodeFence): Promise<Date | undefined> {
    return this.postings.do({ assignmentId, fence });
  }

  /**
   * What is on record already stays. One that has ended gives its slot back, while we fetch and settle (I10). False
   * where it is not ours, or closed.
   */
  markTold(assignmentId: string, fence: NodeFence, times: PromptTimes): Promise<boolean> {
    return this.told.do({ assignmentId, fence, times });
  }

  /** A mark that was set cannot be set again: where one of several cannot be, none is. */
  private writePostings(postings: Posting[], how: Tries): Promise<(Date | undefined)[]> {
    return this.database.transaction(async (transaction) => {
      // Now, not when it was asked for: a successor waits from then on for what may still be on its way.
      const at = this.clock.now();
      const marked = await markPosted(transaction, postings, at);
      if (marked < postings.length && postings.length > 1) throw new SomeMissedError();
      return postings.map(() => (marked > 0 ? at : undefined));
    }, how);
  }

  private async writeTold(marks: Told[], how: Tries): Promise<boolean[]> {
    const { sql, values } = tell(marks);
    const told = await this.database.run(sql, values, how);
    if (told < marks.length && marks.length > 1) throw new SomeMissedError();
    return marks.map(() => told > 0);
  }
}

function markPosted(executor: Executor, postings: Posting[], at: Date): Promise<number> {
  const fenced = fencedEach(postings);
  return executor.run(
    `UPDATE node_task_assignments SET post_started_at = ?
     WHERE ${fenced.sql} AND status = 'assigned' AND post_started_at IS NULL`,
    [at, ...fenced.values],
  );
}

const TIMES = { acceptedAt: 'accepted_at', startedAt: 'started_at', endedAt: 'ended_on_node_at' } as const;

function tell(marks: Told[]): SqlPart {
  const ids = marks.map(({ assignmentId }) => assignmentId);
  const each = (time: keyof PromptTimes) => ({
    sql: 'ELT(FIELD(assignment_id, ?), ?)',
    values: [ids, marks.map(({ times }) => times[time] ?? null)],
  });
  const times = Object.entries(TIMES).map(([time, column]) => {
    const { sql, values } = each(time as keyof PromptTimes);
    return { sql: `${column} = COALESCE(${column}, ${sql})`, values };
  });
  const ended = each('endedAt');
  const set = [...times, { sql: `slot = IF(${ended.sql} IS NULL, slot, NULL)`, values: ended.values }];
  const fenced = fencedEach(marks);
  return {
    sql: `UPDATE node_task_assignments SET status = 'running', ${set.map(({ sql }) => sql).join(', ')}
      WHERE ${fenced.sql} AND open_task_id IS NOT NULL`,
    values: [...set.flatMap(({ values }) => values), ...fenced.values],
  };
}

/** Every write names the assignment, the fence and the state that it expects; a late owner's writes change 0 rows. */
function fencedEach(marks: Posting[]): SqlPart {
  const keys = marks.map(({ assignmentId }) => assignmentId);
  const each = (column: string, valueOf: (fence: NodeFence) => SqlValue) =>
    perRow(
      column,
      { key: 'assignment_id', keys },
      marks.map(({ fence }) => valueOf(fence)),
    );
  const parts = [
    each('node_id', ({ nodeId }) => nodeId),
    each('lease_token', ({ leaseToken }) => leaseToken),
    each('owner_id', ({ ownerId }) => ownerId),
  ];
  return {
    sql: ['assignment_id IN (?)', ...parts.map(({ sql }) => sql)].join(' AND '),
    values: [keys, ...parts.flatMap(({ values }) => values)],
  };
}
