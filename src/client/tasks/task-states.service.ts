import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { InjectDatabase, type Database, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import { isNewer, isTerminal, type TaskProgress, type TaskState } from '../../shared/index.js';
import { QuotaService } from '../quota/quota.service.js';
import { WebhookDeliveriesService } from '../webhooks/webhook-deliveries.service.js';
import { isRefundable } from './is-refundable.js';
import { TaskStatesRepository, type StateOfRow } from './task-states.repository.js';

/** Rows in one statement: some 3,000 values, small beside what a server takes in one packet. */
const ROWS_A_STATEMENT = 200;

/** Brings the execution's states, which `shared` owns, into the read model; for the relay alone. */
@Injectable()
export class TaskStatesService {
  constructor(
    @InjectDatabase('client') private readonly database: Database,
    private readonly states: TaskStatesRepository,
    private readonly quota: QuotaService,
    private readonly webhooks: WebhookDeliveriesService,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** Any order, any repetition: what counts is which state is newer. Returns those that were taken. */
  async applyStates(events: TaskState[]): Promise<TaskState[]> {
    if (events.length === 0) return [];
    const { taken, announced } = await this.database.transaction(async (transaction) => {
      const taken = await this.findNewer(transaction, newestOfEach(events));
      for (const part of chunks(taken, ROWS_A_STATEMENT)) await this.states.merge(transaction, part);
      const completed = taken.filter(({ state }) => state.status === 'completed');
      if (completed.length > 0) await this.states.replaceResults(transaction, completed);
      await this.quota.refund(transaction, events.filter(isOurFailure));
      const ended = taken.filter(({ state }) => isTerminal(state.status));
      const announced = await this.webhooks.announce(
        transaction,
        ended.map(({ rowId }) => rowId),
      );
      return { taken: taken.map(({ state }) => state), announced };
    });
    if (taken.length > 0) this.signals.emit('client.tasks');
    if (announced > 0) this.signals.emit('client.webhooks');
    return taken;
  }

  async applyProgress(progress: TaskProgress[]): Promise<void> {
    const newest = new Map<string, TaskProgress>();
    for (const one of progress) {
      const other = newest.get(one.taskId);
      if (!other || isFurther(one, other)) newest.set(one.taskId, one);
    }
    if (newest.size === 0) return;
    await this.states.raiseProgress(this.database, [...newest.values()]);
    this.signals.emit('client.tasks');
  }

  /** For a submit that can never be applied to `shared` (I6): the task fails, and its charge is given back. */
  async rejectSubmit(taskId: string, reason: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const [task] = await this.states.lock(transaction, [taskId]);
      if (!task || !(await this.states.reject(transaction, task.id, reason, this.clock.now()))) return;
      await this.quota.refund(transaction, [{ taskId, runNo: task.runNo }]);
      await this.webhooks.announce(transaction, [task.id]);
    });
    this.signals.emit('client.tasks');
    this.signals.emit('client.webhooks');
  }

  private async findNewer(transaction: Executor, states: TaskState[]): Promise<StateOfRow[]> {
    const rows = await this.states.lock(
      transaction,
      states.map(({ taskId }) => taskId),
    );
    const known = new Map(rows.map((row) => [row.taskId, row]));
    return states.flatMap((state) => {
      const row = known.get(state.taskId);
      return row && isNewer(state, row) ? [{ rowId: row.id, state }] : [];
    });
  }
}

/** A terminal state of a run never changes, so its refund is due however old the event is (I18: once). */
function isOurFailure({ status, errorCode }: TaskState): boolean {
  return status === 'failed' && isRefundable(errorCode);
}

function newestOfEach(events: TaskState[]): TaskState[] {
  const newest = new Map<string, TaskState>();
  for (const event of events) {
    const other = newest.get(event.taskId);
    if (!other || isNewer(event, other)) newest.set(event.taskId, event);
  }
  return [...newest.values()];
}

function isFurther(a: TaskProgress, b: TaskProgress): boolean {
  if (a.runNo !== b.runNo) return a.runNo > b.runNo;
  if (a.attemptCount !== b.attemptCount) return a.attemptCount > b.attemptCount;
  return a.progress > b.progress;
}

function* chunks<T>(items: T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
