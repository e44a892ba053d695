import { PromptHeap } from './prompt-heap.js';
import type { QueueItem } from '../protocol.js';

/** Pending and running prompts, and the counter that numbers them. Announces every change by `onChange`. */
export class PromptQueue {
  private readonly heap = new PromptHeap();
  private counter = 0;
  private running: QueueItem | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly onChange: (remaining: number) => void) {}

  get remaining(): number {
    return this.heap.size + (this.running ? 1 : 0);
  }

  state(): { queue_running: QueueItem[]; queue_pending: QueueItem[] } {
    return { queue_running: this.running ? [this.running] : [], queue_pending: this.heap.list() };
  }

  isRunning(promptId: string): boolean {
    return this.running?.[1] === promptId;
  }

  /** A number for a prompt that came without one. Refused prompts use one up too. */
  nextNumber(front: boolean): number {
    const number = front ? -this.counter : this.counter;
    this.counter += 1;
    return number;
  }

  put(item: QueueItem): void {
    this.heap.push(item);
    this.changed();
    this.wake?.();
  }

  /** The next prompt, as soon as there is one; undefined once the signal is aborted. */
  async take(signal: AbortSignal): Promise<QueueItem | undefined> {
    const stop = () => this.wake?.();
    signal.addEventListener('abort', stop, { once: true });
    while (this.heap.size === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    signal.removeEventListener('abort', stop);
    if (signal.aborted) return undefined;
    this.running = this.heap.pop();
    this.changed();
    return this.running;
  }

  finish(): void {
    this.running = undefined;
    this.changed();
  }

  delete(promptId: string): QueueItem | undefined {
    const removed = this.heap.remove(promptId);
    if (removed) this.changed();
    // The server takes out its last pending item by way of `clear`, and announces both.
    if (removed && this.heap.size === 0) this.changed();
    return removed;
  }

  clear(): QueueItem[] {
    const removed = this.heap.clear();
    this.changed();
    return removed;
  }

  private changed(): void {
    this.onChange(this.remaining);
  }
}
