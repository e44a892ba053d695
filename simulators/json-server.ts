import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Exchange {
  method: string;
  path: string;
  request: IncomingMessage;
  response: ServerResponse;
  /** Ends when the caller has gone or the server stops. */
  signal: AbortSignal;
}

type Handler = (exchange: Exchange) => Promise<void>;

/** The server under a simulated JSON API: begins, ends without leaving a handle, and knows when a caller has gone. */
export class JsonServer {
  private server: Server | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly handle: Handler) {
    // Each request listens.
    setMaxListeners(0, this.stopping.signal);
  }

  /** Port 0 takes a free one. */
  async start(port = 0, host = '127.0.0.1'): Promise<string> {
    const server = createServer((request, response) => void this.answer(request, response));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const shown = host === '0.0.0.0' ? '127.0.0.1' : host;
    return `http://${shown}:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    this.stopping.abort();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const leave = () => gone.abort();
    this.stopping.signal.addEventListener('abort', leave, { once: true });
    const { method = 'GET', url = '/' } = request;
    const path = new URL(url, 'http://localhost').pathname;
    try {
      await this.handle({ method, path, request, response, signal: gone.signal });
    } catch {
      // Gone while being waited for, or a body that broke off: there is nobody to answer.
      response.destroy();
    } finally {
      this.stopping.signal.removeEventListener('abort', leave);
    }
  }
}

export async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** The body as an object; undefined where it is something else. */
export async function readObject(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readText(request));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Rejects when the caller goes meanwhile. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await pause(ms, undefined, { signal });
}

/** Until the caller has gone. */
export function waitForEver(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
