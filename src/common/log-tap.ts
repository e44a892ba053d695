import type { Logger } from 'pino';
import { currentRequest, type RequestContext } from './request-context.js';

/** A line as it was logged, and the request that it belongs to. */
export interface TappedLine {
  text: string;
  request: RequestContext | undefined;
}

type LineListener = (line: TappedLine) => void;

/** Lines of the start that wait for somebody to listen. */
const HELD = 1_000;

/** Hands log lines on, beside where they are printed. It neither waits nor throws: logging must never stop anything. */
export class LogTap {
  private readonly held: TappedLine[] = [];
  private listener: LineListener | undefined;

  /** `untapped`: what is logged here is printed alone, for those who write what comes out of the tap. */
  constructor(readonly untapped: Logger) {}

  /** What pino calls for each line. */
  write(text: string): void {
    const line = { text, request: currentRequest() };
    if (!this.listener) {
      if (this.held.length < HELD) this.held.push(line);
      return;
    }
    try {
      this.listener(line);
    } catch {
      // The line was printed; whoever listens counts what it loses.
    }
  }

  /** From now on, and what was logged before; one listener at a time. */
  listen(listener: LineListener): void {
    this.listener = listener;
    for (const line of this.held.splice(0)) listener(line);
  }

  stop(): void {
    this.listener = () => {};
  }
}
