import { Injectable } from '@nestjs/common';
import { Clock, decodeTimeCursor, encodeTimeCursor, type Page } from '../../common/index.js';
import type { ClientTaskRecord } from './client-task.record.js';
import { TaskPagesRepository, type TaskFilter } from './task-pages.repository.js';

export interface TaskPage extends Page<ClientTaskRecord> {
  /** Undefined on the last page. */
  nextCursor: string | undefined;
}

export interface TaskPlace {
  limit: number;
  offset: number;
  /** Of the page before; with it the offset does not count. */
  cursor?: string | undefined;
}

interface Total {
  total: number;
  untilMs: number;
}

/** A total of so many tasks, or one that took so long to count, is used again: for so many times as long, at most. */
const LONG_LIST = 10_000;
const LONG_COUNT_MS = 250;
const KEPT_TIMES = 20;
const KEPT_AT_MOST_MS = 5_000;
const MAX_TOTALS = 1_000;

/** Pages of a user's tasks: by cursor at the same cost anywhere, by offset at most at that of the middle. */
@Injectable()
export class TaskPagesService {
  private readonly totals = new Map<string, Total>();

  constructor(
    private readonly pages: TaskPagesRepository,
    private readonly clock: Clock,
  ) {}

  async get(filter: TaskFilter, place: TaskPlace): Promise<TaskPage> {
    return place.cursor === undefined ? this.getByOffset(filter, place) : this.getAfter(filter, place.cursor, place);
  }

  private async getAfter(filter: TaskFilter, cursor: string, { limit }: TaskPlace): Promise<TaskPage> {
    const after = decodeTimeCursor(cursor);
    const [total, found] = await Promise.all([this.getTotal(filter), this.pages.listAfter(filter, after, limit + 1)]);
    return toPage(found.slice(0, limit), total, found.length > limit);
  }

  private async getByOffset(filter: TaskFilter, { limit, offset }: TaskPlace): Promise<TaskPage> {
    if (offset === 0) {
      const [total, items] = await Promise.all([
        this.getTotal(filter),
        this.pages.listByOffset(filter, { limit, offset }),
      ]);
      return toPage(items, total, items.length < total);
    }
    const total = await this.getTotal(filter);
    const items = await this.listFromNearerEnd(filter, { limit, offset }, total);
    return toPage(items, total, offset + items.length < total);
  }

  private async listFromNearerEnd(
    filter: TaskFilter,
    { limit, offset }: TaskPlace,
    total: number,
  ): Promise<ClientTaskRecord[]> {
    if (offset >= total) return [];
    if (offset * 2 < total) return this.pages.listByOffset(filter, { limit, offset });
    const length = Math.min(limit, total - offset);
    return this.pages.listByOffset(filter, { limit: length, offset: total - offset - length, fromOldest: true });
  }

  private async getTotal(filter: TaskFilter): Promise<number> {
    const key = JSON.stringify([filter.clientId, filter.status, filter.taskType]);
    const startedMs = this.clock.monotonicMs();
    const known = this.totals.get(key);
    if (known && startedMs < known.untilMs) return known.total;
    const total = await this.pages.count(filter);
    const endedMs = this.clock.monotonicMs();
    this.totals.delete(key);
    const tookMs = endedMs - startedMs;
    if (total >= LONG_LIST || tookMs >= LONG_COUNT_MS) {
      this.keep(key, total, endedMs + Math.min(tookMs * KEPT_TIMES, KEPT_AT_MOST_MS));
    }
    return total;
  }

  private keep(key: string, total: number, untilMs: number): void {
    const oldest = this.totals.keys().next();
    if (this.totals.size >= MAX_TOTALS && !oldest.done) this.totals.delete(oldest.value);
    this.totals.set(key, { total, untilMs });
  }
}

function toPage(items: ClientTaskRecord[], total: number, hasMore: boolean): TaskPage {
  const last = items.at(-1);
  return { items, total, nextCursor: hasMore && last ? encodeTimeCursor(last) : undefined };
}
