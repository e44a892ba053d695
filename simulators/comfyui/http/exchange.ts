import type { IncomingMessage, ServerResponse } from 'node:http';
import { toPythonJson } from '../python-json.js';

/** Thrown while a body is read that is longer than the server takes. */
export class BodyTooLargeError extends Error {}

/** One request and its answer, in the forms ComfyUI answers in. */
export class Exchange {
  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly url: URL,
    /** The named parts of the path. */
    readonly params: Record<string, string>,
    private readonly maxBodyBytes: number,
  ) {}

  query(name: string): string | undefined {
    return this.url.searchParams.get(name) ?? undefined;
  }

  async body(): Promise<Buffer<ArrayBuffer>> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of this.request as AsyncIterable<Buffer>) {
      length += part.length;
      // What is too long is still read to its end: a client that is writing would not see the answer.
      if (length <= this.maxBodyBytes) parts.push(part);
    }
    if (length > this.maxBodyBytes) {
      throw new BodyTooLargeError(
        `Maximum request body size ${this.maxBodyBytes} exceeded, actual body size ${length}`,
      );
    }
    return Buffer.concat(parts);
  }

  /** The body as JSON, whatever the Content-Type says; throws if it is not, which makes a 500. */
  async json(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.body()).toString()) as Record<string, unknown>;
  }

  sendJson(value: unknown, status = 200): void {
    this.send(status, 'application/json; charset=utf-8', toPythonJson(value));
  }

  sendText(status: number, text: string, headers: Record<string, string> = {}): void {
    this.send(status, 'text/plain; charset=utf-8', text, headers);
  }

  sendEmpty(status = 200): void {
    this.send(status, 'application/octet-stream', '');
  }

  send(
    status: number,
    contentType: string,
    body: string | Buffer,
    headers: Record<string, string | number> = {},
  ): void {
    const length = Buffer.byteLength(body);
    this.response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': length, ...headers });
    this.response.end(this.request.method === 'HEAD' ? undefined : body);
  }
}
