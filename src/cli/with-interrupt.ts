const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** npm passes on what the terminal has already sent to everybody: two within this time are one. */
const ONE_PRESS_MS = 500;

/** The first Ctrl-C aborts the signal, and the work ends in order; the second ends the process. */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  let firstMs = Infinity;
  const onSignal = () => {
    if (performance.now() - firstMs > ONE_PRESS_MS) process.exit(2);
    if (!interrupt.signal.aborted) process.stderr.write('\nCancelling … (once more to leave at once)\n');
    firstMs = Math.min(firstMs, performance.now());
    interrupt.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work(interrupt.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
