import { Injectable } from '@nestjs/common';
import { Batcher, Clock, killPoint, Metrics, UnavailableError } from '../../common/index.js';
import { Database, InjectDatabase, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { BlobsRepository } from '../files/blobs.repository.js';
import { ResultsRepository, type HarvestedFile, type RunResults } from '../files/results.repository.js';
import { TaskStatesRepository, type LockedTask } from '../tasks/task-states.repository.js';
import type { TaskTransition } from '../tasks/task-transition.js';
import { TaskTransitions } from '../tasks/task-transitions.js';
import { AssignmentsRepository, type NodeFence, type OpenAssignment } from './assignments.repository.js';
import { judge, type AttemptFailure, type Settlement, type SettleOutcome, type Verdict } from './settle-verdict.js';

interface Case extends Settlement {
  task: LockedTask | undefined;
  verdict: Verdict;
}

type Settled = PromiseSettledResult<SettleOutcome>;

const TOGETHER = { most: 100, lanes: 2 };

/**
 * Ends attempts: each closes its assignment and moves its task, or changes nothing. What ends at about the same time
 * shares one transaction, so that a large fleet does not wait for one flush of the disk after the other.
 */
@Injectable()
export class SettlementsService {
  private readonly batcher = new Batcher<Settlement, SettleOutcome>({
    ...TOGETHER,
    work: (settlements) => this.settleAll(settlements),
  });

  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly assignments: AssignmentsRepository,
    private readonly results: ResultsRepository,
    private readonly blobs: BlobsRepository,
    private readonly states: TaskStatesRepository,
    private readonly transitions: TaskTransitions,
    private readonly signals: Signals,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** The prompt succeeded and its files are stored. A cancel that came first wins: the results are dropped (I4). */
  complete(assignment: OpenAssignment, fence: NodeFence, files: HarvestedFile[]): Promise<SettleOutcome> {
    return this.batcher.do({ assignment, fence, end: { files } });
  }

  /** The prompt failed, was lost, or never got there. */
  fail(assignment: OpenAssignment, fence: NodeFence, failure: AttemptFailure): Promise<SettleOutcome> {
    return this.batcher.do({ assignment, fence, end: { failure } });
  }

  /** Those of one task follow each other: the second one finds what the first one left. */
  private async settleAll(settlements: Settlement[]): Promise<Settled[]> {
    const outcomes = new Map<Settlement, Settled>();
    for (let left = settlements; left.length > 0; left = left.filter((each) => !outcomes.has(each))) {
      const firsts = [...new Map([...left].reverse().map((each) => [each.assignment.taskId, each])).values()];
      const settled = await this.settleTogether(firsts);
      for (const [index, outcome] of settled.entries()) outcomes.set(firsts[index]!, outcome);
    }
    killPoint('settle.committed');
    this.count([...outcomes.values()]);
    this.signals.emit('shared.outbox');
    this.signals.emit('queue.changed');
    return settlements.map((settlement) => outcomes.get(settlement)!);
  }

  private count(outcomes: Settled[]): void {
    for (const status of ['completed', 'failed', 'cancelled'] as const) {
      const isSo = (settled: Settled) => settled.status === 'fulfilled' && settled.value === status;
      this.metrics.noteSettled(status, outcomes.filter(isSo).length);
    }
  }

  /** Where they cannot be settled together, each is tried alone: one that cannot be written holds up no other. */
  private async settleTogether(settlements: Settlement[]): Promise<Settled[]> {
    try {
      return await this.database.transaction((transaction) => this.write(transaction, settlements));
    } catch (reason) {
      if (settlements.length === 1 || reason instanceof UnavailableError)
        return settlements.map(() => ({ status: 'rejected', reason }));
      const alone: Settled[] = [];
      for (const settlement of settlements) alone.push(...(await this.settleTogether([settlement])));
      return alone;
    }
  }

  private async write(transaction: Executor, settlements: Settlement[]): Promise<Settled[]> {
    const now = this.clock.now();
    const taskIds = settlements.map(({ assignment }) => assignment.taskId);
    const tasks = await this.states.lock(transaction, taskIds);
    const cases = settlements.map((settlement): Case => {
      const task = tasks.get(settlement.assignment.taskId);
      return { ...settlement, task, verdict: judge(settlement, task, now) };
    });
    const stored = await this.blobs.lockThoseActive(transaction, cases.flatMap(hashesOf));
    const sound = cases.filter((each) => hashesOf(each).every((hash) => stored.has(hash)));
    const ours = await this.close(transaction, sound, now);
    const moved = ours.filter(({ verdict }) => verdict.move);
    await this.results.replaceAll(transaction, moved.flatMap(toResults));
    await this.transitions.applyAll(transaction, moved.map(toTransition), tasks);
    const [isSound, isOurs] = [new Set(sound), new Set(ours)];
    return cases.map((each): Settled => {
      if (!isSound.has(each)) return { status: 'rejected', reason: sweptTooEarly() };
      return { status: 'fulfilled', value: isOurs.has(each) ? each.verdict.outcome : 'superseded' };
    });
  }

  /** Those that were still ours to close. Of many, the count would not tell which: then each is to be settled alone. */
  private async close(transaction: Executor, cases: Case[], now: Date): Promise<Case[]> {
    // An attempt goes with its task: of one that is not there, nothing is left to close.
    const open = cases.filter(({ task }) => task);
    if (open.length === 0) return [];
    const ends = open.map(({ assignment: { assignmentId }, task, fence, end, verdict }) => {
      const onlyWhileOnNode = 'failure' in end && end.failure.onlyWhileOnNode === true;
      return { assignmentId, taskRowId: task!.rowId, fence, onlyWhileOnNode, ...verdict.end };
    });
    const closed = await this.assignments.closeAll(transaction, ends, now);
    if (closed === open.length) return open;
    if (cases.length === 1) return [];
    throw new Error(`only ${closed} of ${open.length} attempts are ours`);
  }
}

function sweptTooEarly(): UnavailableError {
  return new UnavailableError('A result was swept before it was settled.', 'BLOB_NOT_ACTIVE');
}

function hashesOf({ verdict }: Case): string[] {
  return (verdict.files ?? []).map(({ hash }) => hash);
}

function toResults({ task, verdict }: Case): RunResults[] {
  if (!task || !verdict.files) return [];
  const { rowId, taskId, runNo, sourceType, sourceUserId } = task;
  return [{ owner: { taskRowId: String(rowId), taskId, runNo, sourceType, sourceUserId }, files: verdict.files }];
}

/** On the attempt's behalf: the task is locked, and bound to it. */
function toTransition({ assignment, verdict }: Case): TaskTransition {
  const { taskId, runNo, assignmentId } = assignment;
  const { to, ...changes } = verdict.move!;
  const hasResults = verdict.files !== undefined && verdict.files.length > 0;
  return { taskId, runNo, from: 'processing', to, assignmentId, hasResults, changes };
}
