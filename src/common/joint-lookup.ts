import { Batcher } from './batcher.js';

/** Keys of one query at most. */
const MOST = 200;
/** Queries under way at once: while one is answered, the next is asked. */
const LANES = 2;
/** As many requests as a process may let wait while its database does not answer. */
const MOST_WAITING = 2_000;

/**
 * Finds by key what many requests ask for at about the same time, by one query for all of them. Nothing is kept: each
 * answer is read after it was asked for.
 */
export class JointLookup<V> {
  private readonly batcher: Batcher<string, V | undefined>;

  /** `find` returns what there is, by key. */
  constructor(find: (keys: string[]) => Promise<ReadonlyMap<string, V>>) {
    this.batcher = new Batcher({
      most: MOST,
      lanes: LANES,
      mostWaiting: MOST_WAITING,
      work: async (keys) => {
        const found = await find([...new Set(keys)]);
        return keys.map((key) => ({ status: 'fulfilled', value: found.get(key) }));
      },
    });
  }

  find(key: string): Promise<V | undefined> {
    return this.batcher.do(key);
  }
}
