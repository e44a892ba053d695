import OpenAI from 'openai';
import type { Clock } from '../../common/index.js';
import { TargetError, type ChatAnswer, type ChatRequest, type ChatTarget } from './chat-target.js';
import { toTargetError } from './classify-target-failure.js';
import { GuardedFetch } from './guarded-fetch.js';
import { readCompletion } from './read-completion.js';
import { isTargetAddress, type BaseAddress } from './target-address.js';

interface OpenAiTargetOptions {
  address: BaseAddress;
  apiKey: string;
  allowPrivate: boolean;
  timeoutMs: number;
  clock: Clock;
}

/** `error_message` of an item. */
const MAX_MESSAGE_LENGTH = 500;

/** A model behind an API of OpenAI's shape: one attempt a call, no stream, no retries of the SDK's own. */
export class OpenAiTarget implements ChatTarget {
  private readonly http: GuardedFetch;
  private readonly client: OpenAI;
  private readonly clock: Clock;

  constructor(private readonly options: OpenAiTargetOptions) {
    const { address, apiKey, allowPrivate, timeoutMs, clock } = options;
    this.clock = clock;
    this.http = new GuardedFetch({
      isAllowed: (host) => isTargetAddress(host, allowPrivate),
      timeoutMs: timeoutMs + 1_000,
    });
    this.client = new OpenAI({
      baseURL: address.baseUrl,
      defaultQuery: address.query,
      // The SDK refuses an empty key; servers of one's own often want none, and look at none.
      apiKey: apiKey || 'none',
      fetch: this.http.fetch,
      // Ours ends first: it tells its own end from other broken connections.
      timeout: timeoutMs + 1_000,
      maxRetries: 0,
      logLevel: 'off',
      // Else the SDK takes them from the environment and sends them to whoever the task names.
      organization: null,
      project: null,
      adminAPIKey: null,
      webhookSecret: null,
    });
  }

  async ask(request: ChatRequest, signal: AbortSignal): Promise<ChatAnswer> {
    signal.throwIfAborted();
    // The SDK never lets go of a signal it was given; a task's lives through thousands of requests.
    const attempt = new AbortController();
    const abort = () => attempt.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    let isLate = false;
    const timer = setTimeout(() => attempt.abort((isLate = true)), this.options.timeoutMs);
    const startedMs = this.clock.monotonicMs();
    try {
      const body = await this.client.chat.completions.create(toBody(request), { signal: attempt.signal });
      const latencyMs = Math.round(this.clock.monotonicMs() - startedMs);
      return { ...readCompletion(body, this.clock.now()), latencyMs };
    } catch (error) {
      signal.throwIfAborted();
      if (isLate) throw new TargetError('timeout', 'No answer came in time.');
      throw this.withoutKey(toTargetError(error, this.clock.now()));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  close(): Promise<void> {
    return this.http.close();
  }

  /** Some APIs repeat the key in their refusal; the message is stored and shown. */
  private withoutKey(error: TargetError): TargetError {
    const { apiKey } = this.options;
    const message = (apiKey ? error.message.replaceAll(apiKey, '[key]') : error.message).slice(0, MAX_MESSAGE_LENGTH);
    return new TargetError(error.errorClass, message, error);
  }
}

function toBody({ model, prompt, system, temperature, maxTokens, isJson }: ChatRequest) {
  return {
    model,
    messages: [
      ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user' as const, content: prompt },
    ],
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(isJson && { response_format: { type: 'json_object' as const } }),
    stream: false as const,
  };
}
