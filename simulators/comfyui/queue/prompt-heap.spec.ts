import fc from 'fast-check';
import type { QueueItem } from '../protocol.js';
import { PromptHeap } from './prompt-heap.js';

const item = (number: number, promptId: string): QueueItem => [number, promptId, {}, {}, []];

function drain(heap: PromptHeap): [number, string][] {
  const drained: [number, string][] = [];
  for (let next = heap.pop(); next; next = heap.pop()) drained.push([next[0], next[1]]);
  return drained;
}

const bySortOrder = (left: [number, string], right: [number, string]) =>
  left[0] - right[0] || (left[1] < right[1] ? -1 : 1);

describe('PromptHeap', () => {
  it('gives items by number, then by prompt id, also after removals', () => {
    const prompts = fc.uniqueArray(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.uuid()), { selector: ([, id]) => id });
    fc.assert(
      fc.property(prompts, fc.nat(), (all, choice) => {
        const heap = new PromptHeap();
        for (const [number, promptId] of all) heap.push(item(number, promptId));
        const removed = all[choice % Math.max(1, all.length)]?.[1] ?? '';
        heap.remove(removed);
        expect(drain(heap)).toEqual(all.filter(([, promptId]) => promptId !== removed).sort(bySortOrder));
      }),
    );
  });

  it('shows the raw heap, which is not sorted', () => {
    const heap = new PromptHeap();
    for (const number of [1, 5, 2, 6]) heap.push(item(number, `p${number}`));
    heap.push(item(0, 'p0'));
    expect(heap.list().map(([number]) => number)).toEqual([0, 1, 2, 6, 5]);
  });

  it('keeps an item equal to a pending one although it throws', () => {
    const heap = new PromptHeap();
    heap.push(item(1, 'same'));
    expect(() => heap.push(item(1, 'same'))).toThrow('not supported between instances');
    expect(heap.size).toBe(2);
  });
});
