import { Agent, request } from 'undici';
import { guardedLookup } from '../../common/index.js';

interface GuardedFetchOptions {
  /** Of the addresses that names stand for; check literal ones before. */
  isAllowed: (address: string) => boolean;
  timeoutMs: number;
  maxBytes?: number;
}

/** What the SDK and our own clients hand to `fetch`. */
interface FetchInit {
  method?: string;
  headers?: unknown;
  body?: unknown;
  signal?: AbortSignal | null;
}

const MAX_ANSWER_BYTES = 16 * 1024 ** 2;
const NO_BODY = [204, 205, 304];

/**
 * `fetch` to addresses that people chose: names pass the guarded look-up, redirects are not followed, and an answer is
 * read to its end, within a bound, before it is handed on. So a time-out of the caller's holds for the whole answer.
 */
export class GuardedFetch {
  private readonly agent: Agent;

  constructor(private readonly options: GuardedFetchOptions) {
    const { isAllowed, timeoutMs } = options;
    this.agent = new Agent({
      connect: { timeout: timeoutMs, lookup: guardedLookup({ what: 'The host', isAllowed }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxHeaderSize: 32_768,
    });
  }

  readonly fetch = async (url: string | URL | Request, init: FetchInit = {}): Promise<Response> => {
    const { method = 'GET', headers, body, signal } = init;
    const answer = await request(typeof url === 'string' || url instanceof URL ? url : url.url, {
      method: method as 'GET',
      headers: Object.fromEntries(new Headers(headers as Record<string, string>)),
      body: body as string | undefined,
      signal: signal ?? undefined,
      dispatcher: this.agent,
    });
    const bytes = await this.readWhole(answer.body);
    const status = answer.statusCode;
    return new Response(NO_BODY.includes(status) ? null : bytes, { status, headers: toHeaders(answer.headers) });
  };

  /** Ends what is under way too. */
  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async readWhole(body: AsyncIterable<Buffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = MAX_ANSWER_BYTES } = this.options;
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of body) {
      length += part.length;
      if (length > maxBytes) throw new Error(`The answer is longer than ${maxBytes} bytes.`);
      parts.push(part);
    }
    return new Uint8Array(Buffer.concat(parts));
  }
}

function toHeaders(headers: Record<string, string | string[] | undefined>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
}
