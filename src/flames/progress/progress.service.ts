import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BackgroundLoop, Clock, ForbiddenError, LOGGER, UnauthorizedError, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { EventStreams, type SseStream } from '../../live/index.js';
import { FlamesItemsRepository, type EndedItem } from '../tasks/flames-items.repository.js';
import type { FlamesTaskRecord } from '../tasks/flames-task.js';
import { FlamesTasksService } from '../tasks/flames-tasks.service.js';
import { isOver } from '../tasks/task-state.js';
import {
  errorFrame,
  evalLogFrame,
  itemFrame,
  stateLine,
  taskInfoFrame,
  toEventId,
  type ProgressPlace,
} from './progress-frames.js';
import type { ProgressReader } from './progress.guard.js';

interface Viewer {
  reader: ProgressReader;
  taskId: string;
  stream: SseStream;
  place: ProgressPlace;
  /** What it was told last of how the task stands. */
  line: string | undefined;
  checkedAtMs: number;
}

/** At most ten writes a second for each viewer; each holds what has ended meanwhile, up to a page. */
const LOOK_MS = 250;
const SHORTEST_LOOK_MS = 100;
const PAGE = 500;
const CHECK_SIGN_IN_MS = 60_000;

/**
 * Tells viewers how evaluations go on. All comes from rows, so that it does not matter which process runs a task, and
 * nothing is begun by looking. Viewers of one task who stand at the same place share a read and its encoding.
 */
@Injectable()
export class ProgressService implements OnModuleDestroy {
  private readonly viewers = new Set<Viewer>();
  private readonly loop: BackgroundLoop;
  private readonly zone: string;

  constructor(
    private readonly tasks: FlamesTasksService,
    private readonly items: FlamesItemsRepository,
    private readonly streams: EventStreams,
    private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
    @Inject(SETTINGS) { flames }: Settings,
  ) {
    this.zone = flames.timesZone;
    this.loop = new BackgroundLoop({ name: 'flames progress', logger, sweepMs: LOOK_MS, round: () => this.look() });
  }

  onModuleDestroy(): Promise<void> {
    return this.loop.stop();
  }

  /** Takes the reply over; throws 404 before anything was sent. */
  async listen(reply: FastifyReply, wish: { taskId: string; reader: ProgressReader; place: ProgressPlace }) {
    const task = await this.tasks.get(wish.taskId);
    let viewer: Viewer | undefined = undefined;
    const stream = this.streams.start(
      reply,
      `flames:${wish.reader.adminId}`,
      () => viewer && this.viewers.delete(viewer),
    );
    viewer = { ...wish, stream, line: undefined, checkedAtMs: this.clock.monotonicMs() };
    // To a reader that comes back the first frame says no more than to a new one, and it costs nothing.
    stream.send(Buffer.from(taskInfoFrame(task, this.zone)));
    this.viewers.add(viewer);
    this.loop.start();
  }

  private async look(): Promise<void> {
    const startedMs = this.clock.monotonicMs();
    let isBehind = false;
    for (const viewers of groupByPlace(this.viewers)) isBehind = (await this.tell(viewers)) || isBehind;
    await this.checkSignIns();
    if (!isBehind) return;
    // Who is behind by pages catches up as fast as the limit of writes allows.
    const leftMs = SHORTEST_LOOK_MS - (this.clock.monotonicMs() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
    this.loop.nudge();
  }

  /** True where there is more to tell at once. */
  private async tell(viewers: Viewer[]): Promise<boolean> {
    const { taskId, place } = viewers[0]!;
    // In this order: what ends a task comes after the end of its last item.
    const task = await this.tasks.find(taskId);
    if (!task) return this.endAll(viewers);
    const ended = await this.items.listEnded(taskId, place.ended, PAGE);
    const { frames, next } = this.frame(ended, place, task);
    const isLast = isOver(task.status) && ended.length < PAGE;
    for (const viewer of viewers) {
      const line = stateLine(task);
      const said = viewer.line === line ? '' : evalLogFrame(line);
      const text = said + frames + (isLast ? this.lastFrames(task, next.count) : '');
      Object.assign(viewer, { place: next, line });
      if (text !== '') viewer.stream.send(Buffer.from(text));
      if (isLast) viewer.stream.end();
    }
    return ended.length === PAGE;
  }

  /** Of a task that was removed meanwhile nobody has anything to tell. */
  private endAll(viewers: Viewer[]): boolean {
    for (const { stream } of viewers) stream.end();
    return false;
  }

  private frame(ended: EndedItem[], place: ProgressPlace, task: FlamesTaskRecord) {
    let next = place;
    let frames = '';
    for (const item of ended) {
      next = { count: next.count + 1, ended: { endedAt: item.endedAt, id: item.id } };
      frames += itemFrame(item, next, task.totalItems ?? 0);
    }
    return { frames, next };
  }

  private lastFrames(task: FlamesTaskRecord, finished: number): string {
    const summary = evalLogFrame(`${task.status}: ${finished} of ${task.totalItems ?? 0} items finished`);
    const error = task.status === 'failed' ? errorFrame(task) : '';
    return summary + error + taskInfoFrame(task, this.zone);
  }

  /** A stream lasts no longer than the sign-in that opened it. */
  private async checkSignIns(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    for (const viewer of this.viewers) {
      if (nowMs - viewer.checkedAtMs < CHECK_SIGN_IN_MS) continue;
      viewer.checkedAtMs = nowMs;
      await viewer.reader.authenticate().catch((error: unknown) => {
        if (error instanceof UnauthorizedError || error instanceof ForbiddenError) viewer.stream.end();
      });
    }
  }
}

function groupByPlace(viewers: Iterable<Viewer>): Viewer[][] {
  const groups = new Map<string, Viewer[]>();
  for (const viewer of viewers) {
    const key = `${viewer.taskId} ${toEventId(viewer.place) ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), viewer]);
  }
  return [...groups.values()];
}
