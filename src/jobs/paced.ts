import { setTimeout } from 'node:timers/promises';

const LEAST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Does one small step after the other until one says that it was the last or the run ends. Others write in between: each
 * pause is as long as the step before it, within bounds.
 */
export async function paced(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted) {
    const startedAt = performance.now();
    if (!(await step())) return;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, performance.now() - startedAt));
    await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
