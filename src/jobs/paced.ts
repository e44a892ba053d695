import { setTimeout } from 'node:timers/promises';

const LEAST_PAUSE_MS = 20;

/**
 * Does one small step after the other until one says that it was the last or the run ends. Others write in between: each
 * pause is at least as long as the step before it.
 */
export async function paced(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted) {
    const startedAt = performance.now();
    if (!(await step())) return;
    await setTimeout(Math.max(LEAST_PAUSE_MS, performance.now() - startedAt));
  }
}
