import { Injectable } from '@nestjs/common';
import { Clock, killPoint, Metrics, newId } from '../../common/index.js';
import { Database, InjectDatabase, isDuplicate, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { TaskTransitions } from '../tasks/task-transitions.js';
import { AssignmentsRepository } from './assignments.repository.js';

export interface PlannedClaim {
  taskId: string;
  runNo: number;
  nodeId: string;
  slot: number;
  /** Why this node, for people. */
  reason: string;
}

/** Enough that a commit is shared by many, few enough that a node's first prompt does not wait for the last claim. */
const TOGETHER = 100;

/** Turns the scheduler's plan into claims: each its own compare-and-set, so that two schedulers share without harm. */
@Injectable()
export class ClaimsService {
  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly assignments: AssignmentsRepository,
    private readonly transitions: TaskTransitions,
    private readonly signals: Signals,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** How many of them were won. */
  async claimAll(claims: PlannedClaim[]): Promise<number> {
    let won = 0;
    for (let start = 0; start < claims.length; start += TOGETHER) {
      const wonHere = await this.claim(claims.slice(start, start + TOGETHER));
      won += wonHere;
      if (wonHere === 0) continue;
      killPoint('claim.committed');
      this.signals.emit('assignments.changed');
      this.signals.emit('shared.outbox');
    }
    return won;
  }

  /** Fails queued tasks that no node is left for. */
  async failAll(tasks: { taskId: string; runNo: number; reason: string }[]): Promise<void> {
    if (tasks.length === 0) return;
    const failed = await this.database.transaction((transaction) =>
      this.transitions.applyAll(
        transaction,
        tasks.map(({ taskId, runNo, reason }) => ({
          taskId,
          runNo,
          from: 'queued',
          to: 'failed',
          changes: { errorCode: 'NO_CAPABLE_NODE', errorMessage: reason, completedAt: this.clock.now() },
        })),
      ),
    );
    this.metrics.noteSettled('failed', failed.length);
    this.signals.emit('shared.outbox');
  }

  /** All in one transaction; those that a unique key stops are found by halving, so that they lose no other. */
  private async claim(claims: PlannedClaim[]): Promise<number> {
    try {
      return await this.database.transaction((transaction) => this.claimTogether(transaction, claims));
    } catch (error) {
      // A slot was filled, or a task assigned, by another scheduler since we looked (I10): its claim stands.
      if (!isDuplicate(error)) throw error;
      if (claims.length === 1) return 0;
      const middle = Math.ceil(claims.length / 2);
      const won = await this.claim(claims.slice(0, middle));
      return won + (await this.claim(claims.slice(middle)));
    }
  }

  private async claimTogether(transaction: Executor, claims: PlannedClaim[]): Promise<number> {
    const now = this.clock.now();
    const planned = new Map(claims.map((claim) => [newId(), claim]));
    const claimed = await this.transitions.applyAll(
      transaction,
      [...planned].map(([assignmentId, { taskId, runNo, nodeId }]) => ({
        taskId,
        runNo,
        from: 'queued',
        to: 'processing',
        unlessCancelWished: true,
        changes: {
          currentAssignmentId: assignmentId,
          nodeId,
          attempts: 1,
          progress: 0,
          message: null,
          startedAt: now,
          retryAt: null,
        },
      })),
    );
    const assignments = claimed.map(({ task, transition }) => {
      const { slot, reason } = planned.get(transition.changes!.currentAssignmentId!)!;
      return { taskRowId: task.rowId, slot, reason };
    });
    await this.assignments.insertAll(transaction, assignments, now);
    return claimed.length;
  }
}
