import type { FlamesItemsRepository, TaskItem } from '../tasks/flames-items.repository.js';

const PAGE = 500;
/** The next page is fetched while so many items are still at hand. */
const LOW = 100;

/** The items of a task that were never answered, page by page, the next one fetched before it is needed. */
export class PendingItems {
  private ready: TaskItem[] = [];
  private fetching: Promise<TaskItem[]> | undefined;
  private afterId = 0;
  private isLast = false;

  constructor(
    private readonly items: FlamesItemsRepository,
    private readonly taskId: string,
  ) {}

  async next(): Promise<TaskItem | undefined> {
    if (this.ready.length === 0 && !this.isLast) await this.take();
    const item = this.ready.shift();
    if (this.ready.length <= LOW && !this.isLast) void this.fetch();
    return item;
  }

  private fetch(): Promise<TaskItem[]> {
    this.fetching ??= this.items.listPending(this.taskId, this.afterId, PAGE).then((page) => {
      this.ready.push(...page);
      this.afterId = page.at(-1)?.id ?? this.afterId;
      this.isLast = page.length < PAGE;
      this.fetching = undefined;
      return page;
    });
    // Who needs the page waits for it and hears of a failure; fetched ahead, it is nobody's yet.
    this.fetching.catch(() => undefined);
    return this.fetching;
  }

  private async take(): Promise<void> {
    try {
      await this.fetch();
    } catch (error) {
      this.fetching = undefined;
      throw error;
    }
  }
}
