import { Inject, Injectable, Optional } from '@nestjs/common';
import {
  Clock,
  ConflictError,
  decodeTimeCursor,
  encodeTimeCursor,
  InvalidInputError,
  NotFoundError,
} from '../../common/index.js';
import { Signals } from '../../live/index.js';
import {
  AssignmentsRepository,
  TaskPrioritiesRepository,
  TaskRecordsRepository,
  TaskSearchService,
  type TaskRecord,
} from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import { AdminTasksService } from './admin-tasks.service.js';
import type { CancelManyDto } from './admin-tasks.dto.js';
import type { CancelledManyView, CancelledView, PriorityView, RequeuedView } from './task-operations.view.js';
import { USER_TASKS, type CancelOutcome, type UserTasks } from './user-tasks.js';

/** What admins do with single tasks. Nothing here writes a status: wishes are the owner's, moves are the queue's. */
@Injectable()
export class TaskOperationsService {
  constructor(
    private readonly records: TaskRecordsRepository,
    private readonly search: TaskSearchService,
    private readonly filters: AdminTasksService,
    private readonly assignments: AssignmentsRepository,
    private readonly priorities: TaskPrioritiesRepository,
    private readonly audit: AuditService,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Optional() @Inject(USER_TASKS) private readonly userTasks?: UserTasks,
  ) {}

  /** Repeated, it answers the same. Throws 404 where no user has such a task, 409 where it is over. */
  async cancel(taskId: string): Promise<CancelledView> {
    const outcome = await this.wishCancel(taskId);
    if (outcome.kind === 'unknown') throw taskNotFound();
    if (outcome.kind === 'over') throw new ConflictError(`The task is already ${outcome.status}.`, 'TASK_FINISHED');
    return { message: 'The task is being cancelled.', task_id: taskId, is_repeated: outcome.kind === 'repeated' };
  }

  /** Each by itself (422 without any filter): one that is over by now is left out, and said. */
  async cancelMany({ limit, cursor, ...request }: CancelManyDto): Promise<CancelledManyView> {
    if (Object.values(request).every((value) => (value ?? undefined) === undefined)) {
      const message =
        'Say which tasks: status, task_type, user, workflow, node, error_code, q, from or to. None was cancelled.';
      throw new InvalidInputError([{ field: 'body', message }], 'FILTER_MISSING');
    }
    const filter = await this.filters.toFilter(request);
    const after = cursor ? decodeTimeCursor(cursor) : undefined;
    const { tasks, total } = await this.search.findUnfinished(filter, limit, after);
    const last = total > tasks.length ? tasks.at(-1) : undefined;
    const report: CancelledManyView = {
      ...{ cancelled: [], repeated: [], skipped: [] },
      remaining: total - tasks.length,
      next_cursor: last ? encodeTimeCursor(last) : null,
    };
    for (const { taskId } of tasks) {
      const outcome = await this.wishCancel(taskId);
      if ('runNo' in outcome) (outcome.kind === 'wished' ? report.cancelled : report.repeated).push(taskId);
      else if (outcome.kind === 'unknown') report.skipped.push({ task_id: taskId, reason: 'No user has it any more.' });
      else report.skipped.push({ task_id: taskId, reason: `The task is ${outcome.status}.` });
    }
    return report;
  }

  /** Its node's owner takes it back, unspent, and the queue gives it to another one. Throws 409 where nothing runs. */
  async requeue(taskId: string): Promise<RequeuedView> {
    const task = await this.get(taskId);
    if (task.status !== 'processing') {
      const message =
        task.status === 'queued'
          ? 'The task waits already; nothing is to be taken back.'
          : `The task is ${task.status}.`;
      throw new ConflictError(message, 'TASK_NOT_RUNNING');
    }
    if (!(await this.assignments.wishRequeue(taskId, this.clock.now()))) {
      const message = 'Its node is done with the task, or its cancel is wished; it goes to its end where it is.';
      throw new ConflictError(message, 'TASK_NOT_RUNNING');
    }
    this.signals.emit('assignments.changed');
    const before = { node_id: task.nodeId, run_no: task.runNo, attempt_count: task.attemptCount };
    await this.audit.record({ action: 'task.requeue', targetType: 'task', targetId: taskId, before });
    const message = `The task is taken back from ${task.nodeId ?? 'its node'}.`;
    return { message, task_id: taskId, node_id: task.nodeId };
  }

  /** Throws 409 where it does not wait, or somebody else gave it another priority meanwhile. */
  async setPriority(taskId: string, priority: number): Promise<PriorityView> {
    const task = await this.get(taskId);
    if (task.status !== 'queued') {
      throw new ConflictError(`The task is ${task.status}; only one that waits has a turn.`, 'TASK_NOT_QUEUED');
    }
    if (!(await this.priorities.change(taskId, task.priority, priority))) {
      throw new ConflictError('The task was just changed; look at it again.', 'TASK_CHANGED');
    }
    this.signals.emit('queue.changed');
    const states = { before: { priority: task.priority }, after: { priority } };
    await this.audit.record({ action: 'task.priority', targetType: 'task', targetId: taskId, ...states });
    return { task_id: taskId, priority };
  }

  private async wishCancel(taskId: string): Promise<CancelOutcome> {
    if (!this.userTasks) throw new Error('nobody makes wishes here: UserPortsModule is missing');
    const outcome = await this.userTasks.cancel(taskId);
    if (outcome.kind === 'wished') {
      const after = { cancel_run: outcome.runNo };
      await this.audit.record({ action: 'task.cancel', targetType: 'task', targetId: taskId, after });
    }
    return outcome;
  }

  private async get(taskId: string): Promise<TaskRecord> {
    const task = await this.records.find(taskId);
    if (!task) throw taskNotFound();
    return task;
  }
}

function taskNotFound(): NotFoundError {
  return new NotFoundError('There is no such task.', 'TASK_NOT_FOUND');
}
