import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import { guardedLookup, hostOf, isPublicAddress, refuseHost } from '../../common/index.js';

export interface PostOutcome {
  status: number;
  /** The beginning of the answer. */
  text: string;
}

export interface GuardedHttpOptions {
  allowPrivate: boolean;
  timeoutMs: number;
}

const READ_BYTES = 1_024;

const WHAT = 'The host of the webhook';

/**
 * Posts to addresses that users chose: names pass the guarded look-up, literal addresses are checked before. Redirects are not followed, and little of the answer is read.
 */
export class GuardedHttp {
  private readonly agent: Agent;

  constructor(private readonly options: GuardedHttpOptions) {
    const { allowPrivate, timeoutMs } = options;
    this.agent = new Agent({
      connect: { timeout: timeoutMs, ...(allowPrivate ? {} : { lookup: guardedLookup({ what: WHAT }) }) },
      // Each message stands alone: a kept connection would go around the next look-up.
      pipelining: 0,
      maxHeaderSize: 16_384,
    });
  }

  /** Throws where no answer came within the time. */
  async post(address: string, body: string, headers: Record<string, string>): Promise<PostOutcome> {
    // A literal address is connected to without any look-up.
    const host = hostOf(new URL(address));
    if (!this.options.allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw refuseHost(WHAT, host, host);
    const answer = await request(address, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'user-agent': 'comfyui-web-service', ...headers },
      dispatcher: this.agent,
      signal: AbortSignal.timeout(this.options.timeoutMs),
    });
    return { status: answer.statusCode, text: await readBeginning(answer.body) };
  }

  /** Ends what is under way too. */
  close(): Promise<void> {
    return this.agent.destroy();
  }
}

/** Leaving the loop early closes the connection: nobody makes us read without end. */
async function readBeginning(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    parts.push(part);
    length += part.length;
    if (length >= READ_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, READ_BYTES).toString('utf8');
}
