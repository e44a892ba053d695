import { Injectable } from '@nestjs/common';
import { Clock, killPoint, UnavailableError } from '../../common/index.js';
import { Database, fromJson, InjectDatabase, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { BlobsRepository } from '../files/blobs.repository.js';
import { ResultsRepository, type HarvestedFile } from '../files/results.repository.js';
import type { TaskStatus } from '../tasks/task-state.js';
import { TaskTransitions, type TaskChanges } from '../tasks/task-transitions.js';
import { AssignmentsRepository, type NodeFence, type OpenAssignment } from './assignments.repository.js';

/** How an attempt that brought no result ends, and what that means for its task. */
export interface AttemptFailure {
  errorCode: string;
  errorMessage: string;
  /** False: the task fails now. True: it queues up again while it has attempts left. */
  mayRetry: boolean;
  retryAt?: Date;
  maxAttempts?: number;
  /** The prompt never reached the node: the attempt is not counted. */
  isUnspent?: boolean;
  /** Another attempt goes elsewhere. */
  excludeNode?: boolean;
  /** Nor to these. */
  excludeNodeIds?: string[];
  /** The node died while this prompt was running there; the second such death makes the task poison. */
  isNodeDeath?: boolean;
}

/** `superseded`: the attempt was no longer ours or no longer the task's; nothing of it took effect. */
export type SettleOutcome = 'completed' | 'failed' | 'cancelled' | 'requeued' | 'superseded';

interface LockedTask {
  id: string;
  task_id: string;
  run_no: number;
  cancel_run: number;
  status: TaskStatus;
  attempt_count: number;
  node_deaths: number;
  current_assignment_id: string | null;
  excluded_nodes: unknown;
  source_type: 'client' | 'admin';
  source_user_id: string;
  started_at: Date | null;
}

const POISON_DEATHS = 2;
const LONGEST_MESSAGE = 2_000;

/** Ends attempts: each in one transaction that closes the assignment and moves the task, or changes nothing. */
@Injectable()
export class SettlementsService {
  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly assignments: AssignmentsRepository,
    private readonly results: ResultsRepository,
    private readonly blobs: BlobsRepository,
    private readonly transitions: TaskTransitions,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** The prompt succeeded and its files are stored. A cancel that came first wins: the results are dropped (I4). */
  complete(assignment: OpenAssignment, fence: NodeFence, files: HarvestedFile[]): Promise<SettleOutcome> {
    return this.settle(assignment, fence, async (transaction, task) => {
      if (isCancelWished(task)) return this.endCancelled(transaction, assignment, fence, task);
      const now = this.clock.now();
      if (
        !(await this.assignments.close(transaction, assignment.assignmentId, fence, { status: 'completed', at: now }))
      ) {
        return 'superseded';
      }
      const stillThere = await this.blobs.lockActive(
        transaction,
        files.map(({ hash }) => hash),
      );
      if (!stillThere) throw new UnavailableError('A result was swept before it was settled.', 'BLOB_NOT_ACTIVE');
      await this.results.replace(transaction, ownerOf(task), files);
      await this.move(transaction, task, assignment, { to: 'completed', progress: 100, message: null });
      return 'completed';
    });
  }

  /** The prompt failed, was lost, or never got there. */
  fail(assignment: OpenAssignment, fence: NodeFence, failure: AttemptFailure): Promise<SettleOutcome> {
    return this.settle(assignment, fence, async (transaction, task) => {
      if (isCancelWished(task)) return this.endCancelled(transaction, assignment, fence, task);
      const { errorCode } = failure;
      // Whatever a node says fits into its column: a settle that cannot be written would be tried for ever.
      const errorMessage = failure.errorMessage.slice(0, LONGEST_MESSAGE);
      const end = { status: 'failed' as const, errorCode, errorMessage, at: this.clock.now() };
      if (!(await this.assignments.close(transaction, assignment.assignmentId, fence, end))) return 'superseded';
      const isPoison = failure.isNodeDeath === true && task.node_deaths + 1 >= POISON_DEATHS;
      const hasAttempts = failure.isUnspent || task.attempt_count < (failure.maxAttempts ?? Infinity);
      if (failure.mayRetry && hasAttempts && !isPoison) {
        await this.move(transaction, task, assignment, {
          to: 'queued',
          ...requeueChanges(task, assignment, { ...failure, errorMessage }),
        });
        return 'requeued';
      }
      const verdict = isPoison
        ? { errorCode: 'POISON', errorMessage: `Two nodes died while they ran this task. Last: ${errorMessage}` }
        : { errorCode, errorMessage };
      await this.move(transaction, task, assignment, { to: 'failed', ...verdict });
      return 'failed';
    });
  }

  private async settle(
    assignment: OpenAssignment,
    fence: NodeFence,
    work: (transaction: Executor, task: LockedTask) => Promise<SettleOutcome>,
  ): Promise<SettleOutcome> {
    const outcome = await this.database.transaction(async (transaction) => {
      const [task] = await transaction.rows<LockedTask>(
        `SELECT id, task_id, run_no, cancel_run, status, attempt_count, node_deaths, current_assignment_id,
                excluded_nodes, source_type, source_user_id, started_at
         FROM global_tasks WHERE task_id = ? FOR UPDATE`,
        [assignment.taskId],
      );
      if (!task || !isBound(task, assignment)) return this.endSuperseded(transaction, assignment, fence);
      return work(transaction, task);
    });
    killPoint('settle.committed');
    this.signals.emit('shared.outbox');
    this.signals.emit('queue.changed');
    return outcome;
  }

  /** The task went on without this attempt (a newer run, another attempt): only the assignment is closed. */
  private async endSuperseded(
    transaction: Executor,
    { assignmentId }: OpenAssignment,
    fence: NodeFence,
  ): Promise<SettleOutcome> {
    const end = { status: 'failed' as const, errorCode: 'superseded', at: this.clock.now() };
    await this.assignments.close(transaction, assignmentId, fence, end);
    return 'superseded';
  }

  private async endCancelled(
    transaction: Executor,
    assignment: OpenAssignment,
    fence: NodeFence,
    task: LockedTask,
  ): Promise<SettleOutcome> {
    const end = { status: 'cancelled' as const, errorCode: 'cancelled', at: this.clock.now() };
    if (!(await this.assignments.close(transaction, assignment.assignmentId, fence, end))) return 'superseded';
    await this.move(transaction, task, assignment, { to: 'cancelled' });
    return 'cancelled';
  }

  /** Moves the task on the attempt's behalf; it is locked, and bound to this attempt. */
  private async move(
    transaction: Executor,
    task: LockedTask,
    { assignmentId, runNo }: OpenAssignment,
    { to, ...changes }: TaskChanges & { to: TaskStatus },
  ): Promise<void> {
    const now = this.clock.now();
    const ended: TaskChanges =
      to === 'queued'
        ? {}
        : {
            completedAt: now,
            actualTimeSeconds: task.started_at ? Math.round((+now - +task.started_at) / 1_000) : null,
          };
    await this.transitions.apply(transaction, {
      taskId: task.task_id,
      runNo,
      from: 'processing',
      to,
      assignmentId,
      changes: { currentAssignmentId: null, ...ended, ...changes },
    });
  }
}

function requeueChanges(task: LockedTask, assignment: OpenAssignment, failure: AttemptFailure): TaskChanges {
  const excluded = task.excluded_nodes === null ? [] : fromJson<string[]>(task.excluded_nodes);
  const more = [...(failure.excludeNode ? [assignment.nodeId] : []), ...(failure.excludeNodeIds ?? [])];
  return {
    nodeId: null,
    progress: 0,
    startedAt: null,
    retryAt: failure.retryAt ?? null,
    message: failure.errorMessage,
    ...(failure.isUnspent ? { attempts: -1 as const } : {}),
    ...(failure.isNodeDeath ? { nodeDeaths: 1 as const } : {}),
    ...(more.length > 0 ? { excludedNodeIds: [...new Set([...excluded, ...more])] } : {}),
  };
}

function isBound(task: LockedTask, { assignmentId, runNo }: OpenAssignment): boolean {
  return task.status === 'processing' && task.run_no === runNo && task.current_assignment_id === assignmentId;
}

function isCancelWished(task: LockedTask): boolean {
  return task.cancel_run >= task.run_no;
}

function ownerOf(task: LockedTask) {
  return {
    taskRowId: task.id,
    taskId: task.task_id,
    runNo: task.run_no,
    sourceType: task.source_type,
    sourceUserId: task.source_user_id,
  };
}
