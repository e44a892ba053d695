/** Longer pauses are asked for by mistake, or mean "not today": the task goes on asking once an hour. */
const LONGEST_MS = 3_600_000;

/** How long an API asks to be left alone: in milliseconds (Azure, OpenAI), in seconds, or until a date. */
export function readRetryAfterMs(header: (name: string) => string | null | undefined, now: Date): number | undefined {
  const milliseconds = readNumber(header('retry-after-ms'));
  if (milliseconds !== undefined) return Math.min(milliseconds, LONGEST_MS);
  const text = header('retry-after');
  const seconds = readNumber(text);
  if (seconds !== undefined) return Math.min(seconds * 1_000, LONGEST_MS);
  const at = text ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) return undefined;
  return Math.min(Math.max(0, at - now.getTime()), LONGEST_MS);
}

function readNumber(text: string | null | undefined): number | undefined {
  return text && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}
