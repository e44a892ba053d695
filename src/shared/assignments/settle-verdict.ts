import { toUSVString } from 'node:util';
import type { HarvestedFile } from '../files/results.repository.js';
import type { TaskStatus } from '../tasks/task-state.js';
import type { TaskChanges } from '../tasks/task-transition.js';
import type { AssignmentEnd, NodeFence, OpenAssignment } from './assignments.repository.js';

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
  /** The next attempt goes elsewhere, as long as there is an elsewhere; the one after it goes anywhere. */
  avoidNode?: boolean;
  /** The node died while this prompt was running there; the second such death makes the task poison. */
  isNodeDeath?: boolean;
  /** Nothing happens where the node has ended the prompt meanwhile: what it is done with is fetched to the end. */
  onlyWhileOnNode?: boolean;
}

/** `superseded`: the attempt was no longer ours or no longer the task's; nothing of it took effect. */
export type SettleOutcome = 'completed' | 'failed' | 'cancelled' | 'requeued' | 'superseded';

/** An attempt that is over: with files, or with a failure. */
export interface Settlement {
  assignment: OpenAssignment;
  fence: NodeFence;
  end: { files: HarvestedFile[] } | { failure: AttemptFailure };
}

/** What of a task decides about the end of its attempt. */
export interface SettledTask {
  runNo: number;
  cancelRun: number;
  status: TaskStatus;
  attemptCount: number;
  nodeDeaths: number;
  currentAssignmentId: string | null;
  excludedNodeIds: string[];
  startedAt: Date | null;
}

export interface Verdict {
  outcome: SettleOutcome;
  /** How the assignment ends. */
  end: Pick<AssignmentEnd, 'status' | 'errorCode' | 'errorMessage'>;
  /** How the task goes on; absent: without this attempt. */
  move?: TaskChanges & { to: TaskStatus };
  files?: HarvestedFile[];
}

const POISON_DEATHS = 2;
const LONGEST_MESSAGE = 2_000;

/** Decides what an attempt's end means. A cancel that came first wins: results are dropped, nothing is tried again (I4). */
export function judge({ assignment, end }: Settlement, task: SettledTask | undefined, now: Date): Verdict {
  // The task went on without this attempt (a newer run, another attempt): only the assignment is closed.
  if (!task || !isBound(task, assignment))
    return { outcome: 'superseded', end: { status: 'failed', errorCode: 'superseded' } };
  if (task.cancelRun >= task.runNo) {
    const cancelled = { status: 'cancelled', errorCode: 'cancelled' } as const;
    return { outcome: 'cancelled', end: cancelled, move: { to: 'cancelled', ...ended(task, now) } };
  }
  if ('failure' in end) return judgeFailure(assignment, end.failure, task, now);
  const move = { to: 'completed', progress: 100, message: null, ...ended(task, now) } as const;
  return { outcome: 'completed', end: { status: 'completed' }, move, files: end.files };
}

function judgeFailure(assignment: OpenAssignment, failure: AttemptFailure, task: SettledTask, now: Date): Verdict {
  const { errorCode } = failure;
  // Whatever a node says fits into its column, and into the event's JSON, which takes no half of a character: a settle
  // that cannot be written would be tried for ever.
  const errorMessage = toUSVString(failure.errorMessage.slice(0, LONGEST_MESSAGE));
  const end = { status: 'failed', errorCode, errorMessage } as const;
  const isPoison = failure.isNodeDeath === true && task.nodeDeaths + 1 >= POISON_DEATHS;
  const hasAttempts = failure.isUnspent || task.attemptCount < (failure.maxAttempts ?? Infinity);
  if (failure.mayRetry && hasAttempts && !isPoison) {
    const changes = requeueChanges(task, assignment, { ...failure, errorMessage });
    return { outcome: 'requeued', end, move: { to: 'queued', ...changes } };
  }
  const cause = isPoison
    ? { errorCode: 'POISON', errorMessage: `Two nodes died while they ran this task. Last: ${errorMessage}` }
    : { errorCode, errorMessage };
  return { outcome: 'failed', end, move: { to: 'failed', ...cause, ...ended(task, now) } };
}

function ended({ startedAt }: SettledTask, now: Date): TaskChanges {
  const actualTimeSeconds = startedAt ? Math.round((+now - +startedAt) / 1_000) : null;
  return { currentAssignmentId: null, completedAt: now, actualTimeSeconds };
}

function requeueChanges(task: SettledTask, assignment: OpenAssignment, failure: AttemptFailure): TaskChanges {
  const more = [...(failure.excludeNode ? [assignment.nodeId] : []), ...(failure.excludeNodeIds ?? [])];
  return {
    currentAssignmentId: null,
    nodeId: null,
    progress: 0,
    startedAt: null,
    retryAt: failure.retryAt ?? null,
    message: failure.errorMessage,
    avoidedNodeId: failure.avoidNode ? assignment.nodeId : null,
    ...(failure.isUnspent ? { attempts: -1 as const } : {}),
    ...(failure.isNodeDeath ? { nodeDeaths: 1 as const } : {}),
    ...(more.length > 0 ? { excludedNodeIds: [...new Set([...task.excludedNodeIds, ...more])] } : {}),
  };
}

function isBound(task: SettledTask, { assignmentId, runNo }: OpenAssignment): boolean {
  return task.status === 'processing' && task.runNo === runNo && task.currentAssignmentId === assignmentId;
}
