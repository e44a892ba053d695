import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultBoard } from '../faults.js';
import { BodyTooLargeError, Exchange } from './exchange.js';
import { isForeignOrigin } from './origin.js';

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Parts that begin with a colon are named. */
  path: string;
  handle(exchange: Exchange): Promise<void> | void;
}

/** The paths of the simulator itself, which no real node has and no fault hits. */
const controlPrefix = '/simulator/';

/** Finds the handler of a request; every path exists under /api too. Answers errors as aiohttp does. */
export class Router {
  constructor(
    private readonly routes: Route[],
    private readonly faults: FaultBoard,
    private readonly maxBodyBytes: number,
    private readonly signal: AbortSignal,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = requestUrl(request);
    if (await this.isRefused(request, url.pathname)) return;
    const candidates = this.routes.flatMap((route) => {
      const params = matchPath(route.path, url.pathname);
      return params ? [{ route, params }] : [];
    });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const match = candidates.find(({ route }) => route.method === method);
    const exchange = new Exchange(request, response, url, match?.params ?? {}, this.maxBodyBytes);
    if (isForeignOrigin(request)) exchange.sendEmpty(403);
    else if (method === 'OPTIONS') exchange.sendEmpty();
    else if (match) await this.run(match.route, exchange);
    else if (candidates.length > 0) exchange.sendText(405, '405: Method Not Allowed');
    else exchange.sendText(404, '404: Not Found');
  }

  private async run(route: Route, exchange: Exchange): Promise<void> {
    try {
      await route.handle(exchange);
    } catch (thrown) {
      if (exchange.response.headersSent || exchange.response.destroyed) exchange.response.destroy();
      else if (thrown instanceof BodyTooLargeError) exchange.sendText(413, thrown.message);
      else sendServerError(exchange);
    }
  }

  private async isRefused(request: IncomingMessage, path: string): Promise<boolean> {
    if (path.startsWith(controlPrefix)) return false;
    const slow = this.faults.take('slow', path);
    if (slow) await delay(slow.delayMs, undefined, { signal: this.signal }).catch(() => undefined);
    const isRefused = this.faults.take('refuse', path) !== undefined;
    if (isRefused) request.socket.destroy();
    return isRefused || request.destroyed;
  }
}

/** What any exception in a handler becomes. */
export function sendServerError(exchange: Exchange): void {
  exchange.sendText(500, '500 Internal Server Error\n\nServer got itself in trouble', { Connection: 'close' });
}

/** The address asked for, without /api. */
export function requestUrl(request: IncomingMessage): URL {
  const url = new URL(request.url ?? '/', 'http://localhost');
  url.pathname = url.pathname.replace(/^\/api(?=\/)/, '');
  return url;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const actual = parts[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(actual);
    else if (part !== actual) return undefined;
  }
  return params;
}
