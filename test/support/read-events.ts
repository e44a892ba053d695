import { waitFor } from './wait-for.js';

export interface ReadEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

/** Reads a stream of events as a page would, keeping all that came. */
export class EventReading {
  readonly events: ReadEvent[] = [];
  comments = 0;
  retry = 0;
  isOver = false;
  private rest = '';

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {}

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventReading> {
    const abort = new AbortController();
    const reading = new EventReading(await fetch(url, { headers, signal: abort.signal }), abort);
    if (reading.response.ok) void reading.read();
    return reading;
  }

  /** Resolves with the first event, or the first after so many, that fits. */
  next(fits: (event: ReadEvent) => boolean, after = 0): Promise<ReadEvent> {
    return waitFor(() => this.events.slice(after).find(fits), {
      timeoutMs: 20_000,
      what: `an event beside ${JSON.stringify(this.events.map(({ event }) => event))}`,
    });
  }

  named(event: string): ReadEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  close(): void {
    this.abort.abort();
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.response.body!) this.take(decoder.decode(chunk, { stream: true }));
    } catch {
      // Cut off: by us, or by the service.
    }
    this.isOver = true;
  }

  private take(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if ('' in fields) this.comments += 1;
      else if (fields.retry !== undefined) this.retry = Number(fields.retry);
      else
        this.events.push({
          id: fields.id!,
          event: fields.event!,
          data: JSON.parse(fields.data!) as Record<string, unknown>,
        });
    }
  }
}
