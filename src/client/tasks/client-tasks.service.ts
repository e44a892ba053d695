import { Inject, Injectable, Optional } from '@nestjs/common';
import { ConflictError, JointLookup, killPoint, NotFoundError, UnavailableError } from '../../common/index.js';
import { writeOutbox } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { isTerminal, RenditionsService, type RenditionVariant } from '../../shared/index.js';
import type { SentFile } from '../../storage/index.js';
import type { CurrentClient, Viewer } from '../auth/current-client.js';
import { IdempotencyService, type Answered } from '../idempotency/idempotency.service.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { QueueLimitsService } from '../quota/queue-limits.service.js';
import { QuotaService } from '../quota/quota.service.js';
import { CancelWishesService } from './cancel-wishes.service.js';
import { toWishedTask, type ClientTaskRecord } from './client-task.record.js';
import { ClientTasksRepository, type ResultRecord } from './client-tasks.repository.js';
import type { ListTasksQuery } from './list-tasks.query.js';
import { TaskPagesService } from './task-pages.service.js';
import { TASK_SCHEDULES, type TaskSchedules, type TaskSchedulingView } from './task-scheduling.js';
import {
  toSubmittedView,
  toTaskStatusView,
  toTaskView,
  type SubmittedView,
  type CancelView,
  type TaskListView,
  type TaskDetailView,
  type TaskStatusView,
} from './task-view.js';
import { toWishEvent } from './task-wish.js';

/** A user's own tasks: looked at, cancelled and run again. Another's task is not found. */
@Injectable()
export class ClientTasksService {
  private readonly byId = new JointLookup((taskIds) => this.findAll(taskIds));

  constructor(
    private readonly tasks: ClientTasksRepository,
    private readonly pages: TaskPagesService,
    private readonly quota: QuotaService,
    private readonly limits: QueueLimitsService,
    private readonly idempotency: IdempotencyService,
    private readonly cancels: CancelWishesService,
    private readonly signals: Signals,
    private readonly renditions: RenditionsService,
    @Optional() @Inject(TASK_SCHEDULES) private readonly schedules?: TaskSchedules,
  ) {}

  async list(clientId: string, query: ListTasksQuery): Promise<TaskListView> {
    const { limit, offset, cursor, status, task_type: taskType } = query;
    const { items, total, nextCursor } = await this.pages.get(
      { clientId, status, taskType },
      { limit, offset, cursor },
    );
    const results = groupByTask(await this.tasks.listResults(items.map(({ id }) => id)));
    const tasks = items.map((task) => toTaskView(task, results.get(task.id) ?? []));
    return { tasks, total, limit, offset, next_cursor: nextCursor ?? null };
  }

  async get(clientId: string, taskId: string): Promise<TaskDetailView> {
    const task = await this.getOwn(clientId, taskId);
    const [results, scheduling] = await Promise.all([this.tasks.listResults([task.id]), this.explain(task)]);
    return { ...toTaskView(task, results), scheduling };
  }

  /** The task itself is known here, whether or not the queue can be asked about it. */
  private async explain({ taskId, status }: ClientTaskRecord): Promise<TaskSchedulingView | null> {
    if (isTerminal(status)) return null;
    try {
      const known = await this.schedules?.explain(taskId);
      return known ?? { position: null, reason: 'It is on its way, to the queue or from it.' };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      return { position: null, reason: 'The queue cannot be asked right now.' };
    }
  }

  async getStatus(clientId: string, taskId: string): Promise<TaskStatusView> {
    const task = await this.getOwn(clientId, taskId);
    return toTaskStatusView(task, task.status === 'completed' ? await this.tasks.listResults([task.id]) : []);
  }

  /** Throws 409 while the task has no files, 404 for one that it never had. An overseer sees every user's. */
  async getResult(viewer: Viewer, taskId: string, index: number, variant?: RenditionVariant): Promise<SentFile> {
    const file = await this.tasks.findResult(viewer, taskId, index);
    if (!file) throw taskNotFound();
    if (file.status !== 'completed') {
      throw new ConflictError(`The task is ${file.status}; it has no files to download.`, 'TASK_NOT_FINISHED');
    }
    if (!file.fileHash) throw new NotFoundError(`The task has no file ${index}.`, 'FILE_NOT_FOUND');
    const { fileHash, fileName, mimeType } = file;
    if (!variant) return { fileHash, fileName, mimeType };
    const source = { hash: fileHash, mimeType: mimeType ?? 'application/octet-stream' };
    const rendition = await this.renditions.get(source, variant);
    return { fileHash: rendition.hash, fileName: `${taskId}-${index}-${variant}.webp`, mimeType: rendition.mimeType };
  }

  /** Repeated, it answers the same. */
  async cancel(clientId: string, taskId: string): Promise<CancelView> {
    const outcome = await this.cancels.cancel(taskId, clientId);
    if (outcome.kind === 'unknown') throw taskNotFound();
    if (outcome.kind === 'over') throw new ConflictError(`The task is already ${outcome.status}.`, 'TASK_FINISHED');
    return { message: 'The task is being cancelled.', task_id: taskId };
  }

  /**
   * Runs a task again: a new run with all its parameters, charged anew (I2). Throws 409 until `shared` has reported
   * the end of the run before. The task's row is held first, as the relay does: the user's comes after it.
   */
  async reload(
    client: Pick<CurrentClient, 'clientId' | 'timeZone'>,
    taskId: string,
    call?: KeyedCall,
  ): Promise<Answered<SubmittedView>> {
    const answered = await this.idempotency.once(call, async (transaction) => {
      const task = await this.tasks.lock(transaction, client.clientId, taskId);
      if (!task) throw taskNotFound();
      if (!isTerminal(task.status)) throw new ConflictError(`The task is still ${task.status}.`, 'TASK_NOT_FINISHED');
      const next = { ...task, runNo: task.runNo + 1 };
      await this.quota.charge(transaction, client, next);
      await this.limits.admit(transaction, [client.clientId]);
      await this.tasks.wishReload(transaction, task.id);
      const wish = toWishedTask(next, await this.tasks.listParameters(transaction, task.id));
      await writeOutbox(transaction, [toWishEvent(wish)]);
      return toSubmittedView(wish);
    });
    killPoint('reload.committed');
    this.signals.emit('client.outbox');
    return answered;
  }

  private async getOwn(clientId: string, taskId: string): Promise<ClientTaskRecord> {
    const task = await this.byId.find(taskId);
    if (task?.clientId !== clientId) throw taskNotFound();
    return task;
  }

  private async findAll(taskIds: string[]): Promise<Map<string, ClientTaskRecord>> {
    return new Map((await this.tasks.listByIds(taskIds)).map((task) => [task.taskId, task]));
  }
}

function taskNotFound(): NotFoundError {
  return new NotFoundError('There is no such task.', 'TASK_NOT_FOUND');
}

function groupByTask(results: ResultRecord[]): Map<string, ResultRecord[]> {
  const groups = new Map<string, ResultRecord[]>();
  for (const result of results) groups.set(result.taskRowId, [...(groups.get(result.taskRowId) ?? []), result]);
  return groups;
}
