import { Injectable } from '@nestjs/common';
import { Clock, killPoint, newId } from '../../common/index.js';
import { Database, InjectDatabase, isDuplicate } from '../../database/index.js';
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

/** Turns the scheduler's plan into claims: each its own compare-and-set, so that two schedulers share without harm. */
@Injectable()
export class ClaimsService {
  constructor(
    @InjectDatabase('shared') private readonly database: Database,
    private readonly assignments: AssignmentsRepository,
    private readonly transitions: TaskTransitions,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** How many of them were won. */
  async claimAll(claims: PlannedClaim[]): Promise<number> {
    let won = 0;
    for (const claim of claims) won += (await this.claim(claim)) ? 1 : 0;
    if (won > 0) killPoint('claim.committed');
    if (won > 0) {
      this.signals.emit('assignments.changed');
      this.signals.emit('shared.outbox');
    }
    return won;
  }

  /** Fails queued tasks that no node is left for. */
  async failAll(tasks: { taskId: string; runNo: number; reason: string }[]): Promise<void> {
    if (tasks.length === 0) return;
    await this.database.transaction((transaction) =>
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
    this.signals.emit('shared.outbox');
  }

  private async claim({ taskId, runNo, nodeId, slot, reason }: PlannedClaim): Promise<boolean> {
    const assignmentId = newId();
    const now = this.clock.now();
    try {
      return await this.database.transaction(async (transaction) => {
        const claimed = await this.transitions.apply(transaction, {
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
        });
        if (claimed) await this.assignments.insert(transaction, { assignmentId, nodeId, slot, taskId, reason }, now);
        return claimed;
      });
    } catch (error) {
      // The slot was filled, or the task assigned, by another scheduler since we looked (I10): its claim stands.
      if (isDuplicate(error)) return false;
      throw error;
    }
  }
}
