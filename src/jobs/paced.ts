import { setTimeout } from 'node:timers/promises';

/** Others write in between. */
const PAUSE_MS = 20;

/** Does one small step after the other, with a pause between them, until one says that it was the last or the run ends. */
export async function paced(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await step())) await setTimeout(PAUSE_MS);
}
