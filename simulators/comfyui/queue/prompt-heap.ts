import { PythonError } from '../python-error.js';
import type { QueueItem } from '../protocol.js';

/**
 * Pending prompts as Python's heapq keeps them: lowest (number, prompt_id) first. A copy of that algorithm and not a
 * sorted list, because `GET /queue` shows the raw heap and clients must not take its order for the order of execution.
 */
export class PromptHeap {
  private items: QueueItem[] = [];

  get size(): number {
    return this.items.length;
  }

  list(): QueueItem[] {
    return [...this.items];
  }

  /** Throws if an equal item is pending: Python then compares two dicts. The new item stays queued all the same. */
  push(item: QueueItem): void {
    this.items.push(item);
    this.moveTowardsRoot(0, this.items.length - 1);
  }

  pop(): QueueItem | undefined {
    const last = this.items.pop();
    const first = this.items[0];
    if (!last || !first) return last;
    this.items[0] = last;
    this.sink(0);
    return first;
  }

  /** Removes one item with this id. */
  remove(promptId: string): QueueItem | undefined {
    const index = this.items.findIndex((item) => item[1] === promptId);
    if (index < 0) return undefined;
    const [removed] = this.items.splice(index, 1);
    for (let start = Math.floor(this.items.length / 2) - 1; start >= 0; start--) this.sink(start);
    return removed;
  }

  clear(): QueueItem[] {
    const removed = this.items;
    this.items = [];
    return removed;
  }

  private at(index: number): QueueItem {
    const item = this.items[index];
    if (!item) throw new RangeError(`No item at ${index} in a heap of ${this.items.length}`);
    return item;
  }

  private moveTowardsRoot(start: number, index: number): void {
    const item = this.at(index);
    let position = index;
    while (position > start) {
      const parent = (position - 1) >> 1;
      if (!comesBefore(item, this.at(parent))) break;
      this.items[position] = this.at(parent);
      position = parent;
    }
    this.items[position] = item;
  }

  private sink(start: number): void {
    const item = this.at(start);
    let position = start;
    for (let child = 2 * start + 1; child < this.items.length; child = 2 * position + 1) {
      const right = child + 1;
      const smaller = right < this.items.length && !comesBefore(this.at(child), this.at(right)) ? right : child;
      this.items[position] = this.at(smaller);
      position = smaller;
    }
    this.items[position] = item;
    this.moveTowardsRoot(start, position);
  }
}

function comesBefore(left: QueueItem, right: QueueItem): boolean {
  if (left[0] !== right[0]) return left[0] < right[0];
  if (left[1] !== right[1]) return left[1] < right[1];
  throw new PythonError('TypeError', "'<' not supported between instances of 'dict' and 'dict'");
}
