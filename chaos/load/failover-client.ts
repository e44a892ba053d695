import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../script/seeded-random.js';
import type { Journal } from './asked-task.js';

export interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** JSON, or a form made anew for each try. */
  body?: Record<string, unknown> | (() => FormData | URLSearchParams);
  /** Idempotency-Key. */
  key?: string;
}

export interface Answer {
  status: number;
  bytes: Buffer;
  json: Record<string, unknown>;
}

const PATIENCE_MS = 8_000;
const PAUSE_MS = 300;
/** The same request may get another answer in a while. */
const NOT_YET = ['REQUEST_IN_FLIGHT', 'REQUEST_OVERTAKEN'];

/** A user's program: one that repeats a call until it is answered, asking another process each time. */
export class FailoverClient {
  private token = '';
  private next: number;

  constructor(
    private readonly urls: string[],
    private readonly journal: Journal,
    random: SeededRandom,
  ) {
    this.next = Math.floor(random.next() * urls.length);
  }

  async signIn(username: string, password: string, signal: AbortSignal): Promise<void> {
    const body = () => new URLSearchParams({ username, password });
    const { json } = await this.call({ method: 'POST', path: '/api/auth/login', body }, signal);
    this.token = String(json.access_token);
  }

  /** The first answer that is one; rejects when the signal is aborted before. */
  async call(call: Call, signal: AbortSignal): Promise<Answer> {
    for (;;) {
      signal.throwIfAborted();
      const answer = await this.tryOnce(call, signal);
      this.journal.countAnswer(answer?.status ?? 0);
      if (answer && !isTransient(answer)) {
        if (answer.status >= 400 && answer.status !== 404 && answer.status !== 409)
          this.journal.refused.push(`${call.method} ${call.path}: ${answer.status} ${answer.bytes.toString()}`);
        return answer;
      }
      this.turn();
      await delay(PAUSE_MS, undefined, { signal });
    }
  }

  /** The next call goes to another process. */
  turn(): void {
    this.next = (this.next + 1) % this.urls.length;
  }

  private async tryOnce({ method, path, body, key }: Call, signal: AbortSignal): Promise<Answer | undefined> {
    const isForm = typeof body === 'function';
    const headers = {
      ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
      ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
      ...(key ? { 'idempotency-key': key } : {}),
    };
    try {
      const response = await fetch(`${this.urls[this.next]}${path}`, {
        method,
        headers,
        body: typeof body === 'function' ? body() : body && JSON.stringify(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, bytes, json: readJson(response, bytes) };
    } catch {
      return undefined; // refused, cut or too slow: whether it took effect is not known
    }
  }
}

function isTransient({ status, json }: Answer): boolean {
  return status >= 500 || status === 429 || (status === 409 && NOT_YET.includes(String(json.code)));
}

function readJson(response: Response, bytes: Buffer): Record<string, unknown> {
  if (!response.headers.get('content-type')?.includes('json')) return {};
  return JSON.parse(bytes.toString()) as Record<string, unknown>;
}
