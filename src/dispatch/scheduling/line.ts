import { comparePlaces, type Place } from './place-in-line.js';

interface Entry<T> {
  item: T;
  place: Place;
  /** Keeps equal places in one order, whatever order they came in. */
  tieBreak: string;
}

/**
 * Classes in the order of their places, as a heap. Places only get worse while a plan is made, so an outdated one is
 * noticed when it comes to the front, and goes back to where it belongs.
 */
export class Line<T> {
  private readonly heap: Entry<T>[] = [];

  constructor(
    private readonly placeOf: (item: T) => Place,
    private readonly tieBreakOf: (item: T) => string,
  ) {}

  add(item: T): void {
    this.push({ item, place: this.placeOf(item), tieBreak: this.tieBreakOf(item) });
  }

  /** Takes the first out; undefined where nobody is left. */
  next(): T | undefined {
    for (let first = this.pop(); first; first = this.pop()) {
      const now = { ...first, place: this.placeOf(first.item) };
      const second = this.heap[0];
      if (!second || compare(now, second) <= 0) return now.item;
      this.push(now);
    }
    return undefined;
  }

  private push(entry: Entry<T>): void {
    let index = this.heap.length;
    this.heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (compare(this.heap[parent]!, this.heap[index]!) <= 0) return;
      this.swap(parent, index);
      index = parent;
    }
  }

  private pop(): Entry<T> | undefined {
    if (this.heap.length === 0) return undefined;
    this.swap(0, this.heap.length - 1);
    const first = this.heap.pop();
    for (let index = 0; ;) {
      const least = [index, 2 * index + 1, 2 * index + 2]
        .filter((at) => at < this.heap.length)
        .reduce((best, at) => (compare(this.heap[at]!, this.heap[best]!) < 0 ? at : best), index);
      if (least === index) return first;
      this.swap(index, least);
      index = least;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }
}

function compare<T>(a: Entry<T>, b: Entry<T>): number {
  return comparePlaces(a.place, b.place) || (a.tieBreak < b.tieBreak ? -1 : a.tieBreak > b.tieBreak ? 1 : 0);
}
