import { UnavailableError } from '../common/index.js';

/** How a shared write is tried: once where its items can still go alone, else as often as any. */
export interface Tries {
  tries?: number;
}

/** Ends a shared write whose count does not tell which of its items took effect. */
export class SomeMissedError extends Error {}

/**
 * Writes items together, or where that fails for the sake of one of them, each alone: one that waits for a lock or
 * cannot be written holds up no other. For a Batcher: answers of items that went alone come as they end. `write` is
 * all or nothing, or harmless when repeated.
 */
export async function togetherOrAlone<I, O>(
  items: I[],
  write: (items: I[], how: Tries) => Promise<O[]>,
): Promise<PromiseSettledResult<O | Promise<O>>[]> {
  const one = async (item: I) => (await write([item], {}))[0]!;
  const [only] = items;
  if (only !== undefined && items.length === 1) return [{ status: 'fulfilled', value: one(only) }];
  try {
    return (await write(items, { tries: 1 })).map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    if (reason instanceof UnavailableError) return items.map(() => ({ status: 'rejected', reason }));
    return items.map((item) => ({ status: 'fulfilled', value: one(item) }));
  }
}
