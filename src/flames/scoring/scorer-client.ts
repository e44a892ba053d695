import { GuardedFetch } from '../targets/guarded-fetch.js';
import { isTargetAddress } from '../targets/target-address.js';
import { ItemsRefusedError, ScorerBusyError, ScorerRefusedError, ScorerUnavailableError } from './scorer.js';

export interface ScorerClientOptions {
  /** No slash at its end. */
  baseUrl: string;
  apiKey: string;
  allowPrivate: boolean;
  timeoutMs: number;
}

const SHOWN_CHARACTERS = 300;

/** JSON to a scorer that somebody runs. What is over by itself is told apart from what is not. */
export class ScorerClient {
  private readonly http: GuardedFetch;

  constructor(private readonly options: ScorerClientOptions) {
    const { allowPrivate, timeoutMs } = options;
    this.http = new GuardedFetch({ isAllowed: (host) => isTargetAddress(host, allowPrivate), timeoutMs });
  }

  get(path: string): Promise<unknown> {
    return this.exchange(path, { method: 'GET' });
  }

  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return this.exchange(path, { method: 'POST', body: JSON.stringify(body) }, signal);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async exchange(
    path: string,
    init: { method: string; body?: string },
    signal?: AbortSignal,
  ): Promise<unknown> {
    const { status, text } = await this.send(path, init, signal);
    const shown = this.withoutKey(text).slice(0, SHOWN_CHARACTERS);
    if (status !== 200) throw toScorerError(status, `The scorer answered ${status} at ${path}: ${shown}.`);
    try {
      return JSON.parse(text);
    } catch {
      throw new ItemsRefusedError(`The scorer's answer at ${path} is no JSON: ${shown}. Look at its address.`);
    }
  }

  private async send(path: string, init: { method: string; body?: string }, signal?: AbortSignal) {
    const { baseUrl, apiKey, timeoutMs } = this.options;
    signal?.throwIfAborted();
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(abort, timeoutMs);
    const headers = { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
    try {
      const answer = await this.http.fetch(`${baseUrl}${path}`, { ...init, headers, signal: attempt.signal });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      signal?.throwIfAborted();
      const { message, code } = error as { message?: string; code?: string };
      const why = attempt.signal.aborted ? 'no answer came in time' : message || code || 'the connection failed';
      throw new ScorerUnavailableError(`The scorer is away: ${why}.`, error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  private withoutKey(text: string): string {
    const { apiKey } = this.options;
    return apiKey ? text.replaceAll(apiKey, '[key]') : text;
  }
}

function toScorerError(status: number, told: string): ScorerUnavailableError | ScorerRefusedError {
  // 502 and 504 are a gateway's words for a scorer that is away.
  if ([429, 502, 503, 504].includes(status)) return new ScorerBusyError(told);
  if (status >= 500 || status === 408) return new ScorerUnavailableError(told);
  const message = `${told} Look at its address, key and model.`;
  return [400, 413, 422].includes(status) ? new ItemsRefusedError(message) : new ScorerRefusedError(message);
}
