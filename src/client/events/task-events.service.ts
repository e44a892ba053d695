import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BackgroundLoop, Clock, LOGGER, NotFoundError, UnauthorizedError, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { encodeEvent, EventStreams, Signals } from '../../live/index.js';
import { isTerminal } from '../../shared/index.js';
import { QueueForecastsService } from './queue-forecasts.service.js';
import { toQueueView, toTaskEventView } from './task-event.view.js';
import { TaskListeners, type TaskListener } from './task-listeners.js';
import { WatchedTasksRepository, type WatchedTask } from './watched-tasks.repository.js';

/**
 * Rows are stamped when their statement runs and seen when it commits: each look reaches back by more than a
 * transaction may last, and what was told already is told apart by its state.
 */
const OVERLAP_MS = 15_000;
const SNAPSHOT_LIMIT = 500;
/** Several commits of the relay within this time are one look. */
const GATHER_MS = 50;
const CHECK_SIGN_IN_MS = 60_000;
const CHECK_DISABLED_MS = 1_000;

interface Told {
  task: WatchedTask;
  position?: number;
}

/**
 * Tells users what becomes of their tasks. One loop reads what changed in the rows of all who listen: at once when
 * this process's relay brought something, and every second for what other processes did. Rounds never overlap, so a
 * snapshot and the events after it have no gap between them.
 */
@Injectable()
export class TaskEventsService implements OnModuleInit, OnModuleDestroy {
  private readonly listeners = new TaskListeners();
  private readonly joining = new Set<TaskListener>();
  private readonly told = new Map<string, Told>();
  private readonly loop: BackgroundLoop;
  private readonly unsubscribe: (() => void)[] = [];
  private gathering: NodeJS.Timeout | undefined;
  private lookedAt: Date | undefined;
  private askedDisabledMs = -Infinity;

  constructor(
    private readonly tasks: WatchedTasksRepository,
    private readonly forecasts: QueueForecastsService,
    private readonly streams: EventStreams,
    private readonly signals: Signals,
    private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
    @Inject(SETTINGS) { live }: Settings,
  ) {
    this.loop = new BackgroundLoop({ name: 'task events', logger, sweepMs: live.pollMs, round: () => this.look() });
  }

  onModuleInit(): void {
    for (const signal of ['client.tasks', 'client.outbox'] as const) {
      this.unsubscribe.push(this.signals.on(signal, () => this.nudge()));
    }
  }

  async onModuleDestroy(): Promise<void> {
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    clearTimeout(this.gathering);
    await this.loop.stop();
  }

  /** Takes the reply over; throws 404 for a task that is not the user's, before anything was sent. */
  async listen(reply: FastifyReply, listener: Omit<TaskListener, 'stream' | 'checkedAtMs'>): Promise<void> {
    const { clientId, taskId } = listener;
    if (taskId !== undefined && !(await this.tasks.find(clientId, taskId))) {
      throw new NotFoundError('There is no such task.', 'TASK_NOT_FOUND');
    }
    let joined: TaskListener | undefined = undefined;
    const stream = this.streams.start(reply, clientId, () => joined && this.leave(joined));
    joined = { ...listener, stream, checkedAtMs: this.clock.monotonicMs() };
    this.joining.add(joined);
    this.loop.start();
    this.loop.nudge();
  }

  private leave(listener: TaskListener): void {
    this.joining.delete(listener);
    this.listeners.remove(listener);
  }

  private nudge(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.loop.nudge();
    }, GATHER_MS).unref();
  }

  private async look(): Promise<void> {
    const clientIds = this.listeners.clientIds();
    this.forget(clientIds);
    if (clientIds.length === 0 && this.joining.size === 0) return;
    const now = await this.tasks.now();
    const since = before(this.lookedAt ?? now);
    if (clientIds.length > 0) this.tell(await this.tasks.listChanged(clientIds, since), now, since);
    for (const listener of this.joining) await this.welcome(listener, now, since);
    await this.tellPositions(now);
    this.lookedAt = now;
    await this.endDisabled(clientIds);
    await this.checkSignIns();
  }

  private async welcome(listener: TaskListener, now: Date, since: Date): Promise<void> {
    const { clientId, taskId, stream } = listener;
    const tasks = await this.readSnapshot(listener, now);
    // Others who listen to the same user must not miss what is first seen here.
    this.tell(tasks, now, since);
    const forecasts = tasks.some(isQueued) ? await this.forecasts.get(now) : undefined;
    const views = tasks.map((task) => {
      const forecast = isQueued(task) ? forecasts?.get(task.taskId) : undefined;
      return { ...toTaskEventView(task), queue: forecast ? toQueueView(task.taskId, forecast) : null };
    });
    const snapshot = { tasks: views, is_truncated: taskId === undefined && tasks.length >= SNAPSHOT_LIMIT };
    // Without a pause from here on: a reader that left meanwhile is not taken in any more.
    this.joining.delete(listener);
    if (!stream.send(encodeEvent('snapshot', snapshot, idOf(now)))) return;
    this.listeners.add(listener);
    const only = tasks.find((task) => task.taskId === taskId && task.clientId === clientId);
    if (only && isTerminal(only.status)) finish(listener, only, now);
  }

  private async readSnapshot({ clientId, taskId, since }: TaskListener, now: Date): Promise<WatchedTask[]> {
    if (taskId === undefined) return this.tasks.listForSnapshot(clientId, before(since ?? now), SNAPSHOT_LIMIT);
    const task = await this.tasks.find(clientId, taskId);
    return task ? [task] : [];
  }

  private tell(tasks: WatchedTask[], now: Date, since: Date): void {
    for (const task of tasks) {
      const told = this.told.get(task.taskId);
      if (told && isAlike(told.task, task)) continue;
      this.told.set(task.taskId, { task });
      // Only a snapshot reads rows of before: nothing has happened to them.
      if (!told && task.updatedAt < since) continue;
      const kind = told && isSameState(told.task, task) ? 'progress' : 'status';
      const listeners = this.listeners.of(task.clientId, task.taskId);
      if (listeners.length === 0) continue;
      const bytes = encodeEvent(kind, toTaskEventView(task), idOf(now));
      for (const { stream } of listeners) stream.send(bytes);
      if (!isTerminal(task.status)) continue;
      for (const listener of listeners) if (listener.taskId !== undefined) finish(listener, task, now);
    }
  }

  /** Places in the queue, to those whose place has changed. */
  private async tellPositions(now: Date): Promise<void> {
    const waiting = [...this.told.values()].filter(({ task }) => isQueued(task));
    if (waiting.length === 0) return;
    const forecasts = await this.forecasts.get(now);
    for (const told of waiting) {
      const { taskId, clientId } = told.task;
      const forecast = forecasts.get(taskId);
      const listeners = this.listeners.of(clientId, taskId);
      if (!forecast || forecast.position === told.position || listeners.length === 0) continue;
      told.position = forecast.position;
      const bytes = encodeEvent('queue', toQueueView(taskId, forecast), idOf(now));
      for (const { stream } of listeners) stream.send(bytes);
    }
  }

  /** What is over for longer than a look reaches back can never be read as news again. */
  private forget(clientIds: string[]): void {
    const heard = new Set(clientIds);
    const long = this.lookedAt ? before(before(this.lookedAt)) : undefined;
    for (const [taskId, { task }] of this.told) {
      const isOld = isTerminal(task.status) && long !== undefined && task.updatedAt < long;
      if (isOld || !heard.has(task.clientId)) this.told.delete(taskId);
    }
  }

  /** Within a second, whichever process has the stream; what ends only with the sign-in ends within a minute. */
  private async endDisabled(clientIds: string[]): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (clientIds.length === 0 || nowMs - this.askedDisabledMs < CHECK_DISABLED_MS) return;
    this.askedDisabledMs = nowMs;
    for (const clientId of await this.tasks.listDisabled(clientIds)) this.streams.endOf(clientId);
  }

  /** A stream lasts no longer than the sign-in that opened it. */
  private async checkSignIns(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    for (const listener of this.listeners.all()) {
      if (nowMs - listener.checkedAtMs < CHECK_SIGN_IN_MS) continue;
      listener.checkedAtMs = nowMs;
      await listener.authenticate().catch((error: unknown) => {
        if (error instanceof UnauthorizedError) listener.stream.end();
      });
    }
  }
}

/** An id is a time of the database: what changed since (and a little before) is told again to who comes back with it. */
function idOf(time: Date): string {
  return String(time.getTime());
}

function before(time: Date): Date {
  return new Date(time.getTime() - OVERLAP_MS);
}

function finish({ stream }: TaskListener, { taskId, status }: WatchedTask, now: Date): void {
  stream.send(encodeEvent('end', { task_id: taskId, status }, idOf(now)));
  stream.end();
}

function isQueued({ status }: WatchedTask): boolean {
  return status === 'queued';
}

function isSameState(a: WatchedTask, b: WatchedTask): boolean {
  return a.runNo === b.runNo && a.stateVersion === b.stateVersion && a.status === b.status;
}

function isAlike(a: WatchedTask, b: WatchedTask): boolean {
  return isSameState(a, b) && a.progress === b.progress;
}
