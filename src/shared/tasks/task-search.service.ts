import { Injectable } from '@nestjs/common';
import { Clock, RelaxedReadings, type TimeCursor } from '../../common/index.js';
import { accessOf, isCounted, type TaskFilter, type TaskOrder } from './task-search.js';
import { TaskSearchRepository, type GlobalTaskSummary, type UnfinishedTasks } from './task-search.repository.js';

export interface TaskQuestion {
  filter: TaskFilter;
  order: TaskOrder;
  limit: number;
  offset: number;
  after?: TimeCursor | undefined;
}

export interface FoundTasks {
  items: GlobalTaskSummary[];
  total: number;
  /** Tasks made before were not looked at; null: all were. */
  searchedFrom: Date | null;
}

/** What no index leads to is looked for among so many of the newest tasks: a fifth of a second on a slow disk. */
const LOOKED_AT = 50_000;
/** A count of this size is not made anew for everybody who asks. */
const LARGE = 10_000;
const COUNT_HOLDS_MS = 5_000;
const MOST_COUNTS = 200;

/** Finds tasks for those who oversee all of them, at a cost that does not grow with their number. */
@Injectable()
export class TaskSearchService {
  private readonly counts: RelaxedReadings<number>;

  constructor(
    private readonly tasks: TaskSearchRepository,
    clock: Clock,
  ) {
    this.counts = new RelaxedReadings(clock, COUNT_HOLDS_MS, MOST_COUNTS);
  }

  async find({ filter, ...page }: TaskQuestion): Promise<FoundTasks> {
    const searchedFrom = await this.findWindow(filter);
    const within = searchedFrom ? { ...filter, from: searchedFrom } : filter;
    const total = await this.count(within);
    const items = total === 0 ? [] : await this.tasks.list(within, { access: accessOf(filter), ...page });
    return { items, total, searchedFrom };
  }

  /** Some that are not over, for those who end them; all of them are looked through, and counted up to `LARGE`. */
  findUnfinished(filter: TaskFilter, limit: number, after?: TimeCursor): Promise<UnfinishedTasks> {
    return this.tasks.listUnfinished(filter, { limit, after, countUpTo: LARGE });
  }

  /** Where the answer needs the rows themselves, and there are too many to look at all. */
  private async findWindow(filter: TaskFilter): Promise<Date | null> {
    if (isCounted(filter) || accessOf(filter) !== 'time') return null;
    return (await this.tasks.findTimeOf(filter, LOOKED_AT)) ?? null;
  }

  /** Many who look at the same page share a count, and a large one is kept for some seconds: it is never exact for longer. */
  private async count(filter: TaskFilter): Promise<number> {
    const key = JSON.stringify(filter);
    const total = await this.counts.get(key, () => this.tasks.count(filter, accessOf(filter)));
    if (total < LARGE) this.counts.forget(key);
    return total;
  }
}
