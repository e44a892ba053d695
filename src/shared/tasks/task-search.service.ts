import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { accessOf, isCounted, type TaskAccess, type TaskFilter, type TaskOrder } from './task-search.js';
import { TaskSearchRepository, type GlobalTaskSummary, type TaskMark } from './task-search.repository.js';

export interface TaskQuestion {
  filter: TaskFilter;
  order: TaskOrder;
  limit: number;
  offset: number;
  after?: TaskMark | undefined;
}

export interface FoundTasks {
  items: GlobalTaskSummary[];
  total: number;
  /** Tasks made before were not looked at; null: all were. */
  searchedFrom: Date | null;
}

/** What no index leads to is looked for among so many of the newest tasks: a fifth of a second on a slow disk. */
const LOOKED_AT = 50_000;
/** So few rows are sorted sooner than they are picked out of all others by time. */
const FEW = 10_000;
/** A count of this size is not made anew for everybody who asks. */
const LARGE = 10_000;
const COUNT_HOLDS_MS = 5_000;
const MOST_COUNTS = 200;

interface Count {
  total: Promise<number>;
  atMs: number;
}

/** Finds tasks for those who oversee all of them, at a cost that does not grow with their number. */
@Injectable()
export class TaskSearchService {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly tasks: TaskSearchRepository,
    private readonly clock: Clock,
  ) {}

  async find({ filter, ...page }: TaskQuestion): Promise<FoundTasks> {
    const searchedFrom = await this.findWindow(filter);
    const within = searchedFrom ? { ...filter, from: searchedFrom } : filter;
    const total = await this.count(within);
    const access = this.accessFor(within, total);
    const items = total === 0 ? [] : await this.tasks.list(within, { access, ...page });
    return { items, total, searchedFrom };
  }

  /** Some that are not over, for those who end them; all of them are looked through. */
  async findUnfinished(filter: TaskFilter, limit: number): Promise<{ taskIds: string[]; total: number }> {
    const { taskIds, total } = await this.tasks.listUnfinished(filter, limit);
    return { taskIds, total: Math.max(total, taskIds.length) };
  }

  /** Where the answer needs the rows themselves, and there are too many to look at all. */
  private async findWindow(filter: TaskFilter): Promise<Date | null> {
    if (isCounted(filter) || accessOf(filter) !== 'time') return null;
    return (await this.tasks.findTimeOf(filter, LOOKED_AT)) ?? null;
  }

  private accessFor(filter: TaskFilter, total: number): TaskAccess {
    const access = accessOf(filter);
    return access === 'time' && filter.status && isCounted(filter) && total <= FEW ? 'status' : access;
  }

  /** Many who look at the same page share a count, and a large one is kept for some seconds: it is never exact for longer. */
  private count(filter: TaskFilter): Promise<number> {
    const key = JSON.stringify(filter);
    const known = this.counts.get(key);
    if (known && this.clock.monotonicMs() - known.atMs < COUNT_HOLDS_MS) return known.total;
    if (this.counts.size >= MOST_COUNTS) this.counts.clear();
    const access = filter.status && isCounted(filter) && accessOf(filter) === 'time' ? 'status' : accessOf(filter);
    const total = this.tasks.count(filter, access);
    this.counts.set(key, { total, atMs: this.clock.monotonicMs() });
    const forget = () => this.counts.delete(key);
    total.then((n) => n < LARGE && forget(), forget);
    return total;
  }
}
