import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent, request } from 'undici';
import { hostOf, isPublicAddress } from './webhook-address.js';
import { isIP } from 'node:net';

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

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Told alike of a name that is unknown and of one inside: what our own network calls its machines, and where they are, is
 * nobody's to find out. The cause is for the log.
 */
export class HostRefusedError extends Error {
  constructor(cause: Error) {
    super(
      'The host of the webhook could not be reached: it must be known to the public DNS with public addresses alone.',
      {
        cause,
      },
    );
  }
}

/**
 * Posts to addresses that users chose. The address that a name stands for is checked in the very look-up that the
 * connection then uses: a name that shows a public address first and a private one afterwards gets nowhere.
 * Redirects are not followed, and little of the answer is read.
 */
export class GuardedHttp {
  private readonly agent: Agent;

  constructor(private readonly options: GuardedHttpOptions) {
    const { allowPrivate, timeoutMs } = options;
    this.agent = new Agent({
      connect: { timeout: timeoutMs, ...(allowPrivate ? {} : { lookup: lookUpPublic }) },
      // Each message stands alone: a kept connection would go around the next look-up.
      pipelining: 0,
      maxHeaderSize: 16_384,
    });
  }

  /** Throws where no answer came within the time. */
  async post(address: string, body: string, headers: Record<string, string>): Promise<PostOutcome> {
    // A literal address is connected to without any look-up.
    const host = hostOf(new URL(address));
    if (!this.options.allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw refusal(host, host);
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

function lookUpPublic(name: string, options: LookupOptions, done: LookupDone): void {
  lookUp(name, { ...options, all: true }, (error, addresses) => {
    if (error) return done(new HostRefusedError(error), []);
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused) return done(refusal(name, refused.address), []);
    const [first] = addresses;
    if (options.all || !first) return done(null, addresses);
    done(null, first.address, first.family);
  });
}

function refusal(host: string, address: string): HostRefusedError {
  return new HostRefusedError(new Error(`${host} stands for ${address}, which is not of the public internet`));
}
