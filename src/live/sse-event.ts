/** One event as it goes over the wire; made once, whatever the number of its readers. */
export function encodeEvent(event: string, data: unknown, id?: string): Buffer {
  const head = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\n`;
  // JSON holds no line breaks, so one data line always suffices.
  return Buffer.from(`${head}data: ${JSON.stringify(data)}\n\n`);
}

/** An event without a name, which a browser hands to `onmessage`. */
export function encodeMessage(data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** A line that readers ignore; it keeps proxies from closing a silent connection. */
export const HEARTBEAT = Buffer.from(': still here\n\n');

/** Tells a reader how long to wait before it connects again. */
export function encodeRetry(ms: number): Buffer {
  return Buffer.from(`retry: ${ms}\n\n`);
}
