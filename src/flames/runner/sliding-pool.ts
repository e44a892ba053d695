export interface PoolOptions<T> {
  /** Items at work at once. */
  width: number;
  /** The next item; undefined at the end. Never asked for two at once. */
  next: () => Promise<T | undefined>;
  work: (item: T) => Promise<void>;
  /** Once it is aborted no further item is begun; those at work are waited for. */
  halt: AbortSignal;
  /** Told at the first failure, while others are still at work. */
  onFailure?: (error: unknown) => void;
}

/**
 * Works on many items at once, and begins the next one whenever one is done: nobody waits for the slowest of a batch.
 * After a failure nothing more begins, what is at work ends, and the first failure is thrown.
 */
export async function slidingPool<T>({ width, next, work, halt, onFailure }: PoolOptions<T>): Promise<void> {
  let turn: Promise<unknown> = Promise.resolve();
  let failure: { error: unknown } | undefined;
  let isOver = false;
  const take = async (): Promise<T | undefined> => {
    if (isOver || failure || halt.aborted) return undefined;
    const item = await next();
    isOver ||= item === undefined;
    return item;
  };
  const lane = async () => {
    for (;;) {
      const taking = turn.then(take);
      turn = taking.catch(() => undefined);
      const item = await taking;
      if (item === undefined) return;
      await work(item);
    }
  };
  const fail = (error: unknown) => {
    if (failure) return;
    failure = { error };
    onFailure?.(error);
  };
  await Promise.all(Array.from({ length: width }, () => lane().catch(fail)));
  if (failure) throw failure.error;
}
