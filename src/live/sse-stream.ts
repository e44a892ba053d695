import type { ServerResponse } from 'node:http';

/** One reader of events. What it has not taken yet is bounded in bytes: who falls behind further is dropped. */
export class SseStream {
  private isOpen: boolean;

  constructor(
    private readonly response: ServerResponse,
    private readonly maxBufferedBytes: number,
    onClosed: () => void,
  ) {
    const close = () => {
      this.isOpen = false;
      onClosed();
    };
    this.isOpen = !response.closed;
    // Who hung up while we looked the sign-in up has closed already, and no event will tell.
    if (response.closed) process.nextTick(close);
    else response.once('close', close);
    // A connection that breaks while it is written to says so here, and closes.
    response.on('error', () => response.destroy());
  }

  /** False once the reader is gone. A reader that was dropped connects again and gets a fresh snapshot. */
  send(bytes: Buffer): boolean {
    if (!this.isOpen || this.response.writableEnded) return false;
    // Counted before this event: a snapshot alone may be longer than what a reader may have open.
    if (this.response.writableLength <= this.maxBufferedBytes) {
      this.response.write(bytes);
      return true;
    }
    this.isOpen = false;
    this.response.destroy();
    return false;
  }

  /** What was sent still arrives, and the connection closes. */
  end(): void {
    this.response.end();
  }
}
