/** The work, or an error when it goes on for `graceMs` after the signal: what hangs must not hold up all later runs. */
export async function runWithin<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error(`${reasonOf(signal)} It did not stop, and was left to itself.`));
    onAbort = () => (timer = setTimeout(giveUp, graceMs));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const result = await Promise.race([work, givenUp]);
    // Jobs end early without an error when they are told to: what is left has to be done by another run.
    if (signal.aborted) throw new Error(`${reasonOf(signal)} It was interrupted.`);
    return result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error && reason.name !== 'AbortError' ? reason.message : 'The run was stopped.';
}

/** What JSON holds of a result; a result that cannot be written must not undo the run. */
export function toStorable(result: unknown): unknown {
  if (result === undefined || result === null) return undefined;
  try {
    const text = JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    if (text.length <= MAX_RESULT) return JSON.parse(text);
    return { unreadable: `The result has ${text.length} characters; ${MAX_RESULT} are kept at most.` };
  } catch (error) {
    return { unreadable: `The result cannot be written as JSON: ${(error as Error).message.split('\n')[0]}` };
  }
}

const MAX_RESULT = 60_000;
