import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  timeoutMs?: number;
  everyMs?: number;
  /** Completes "Waited 10 s in vain for …". */
  what?: string;
}

/** Waits until the condition gives something truthy, and returns it. The one place in the tests that owns a timer. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 20, what = 'a condition' }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.`);
    await delay(everyMs);
  }
}

/** The leases of a killed process are another's after at most twelve seconds; how busy a machine is decides no test. */
export const TAKEOVER_WITHIN_MS = process.env.PROVE_ROUNDS ? 15_000 : 60_000;
