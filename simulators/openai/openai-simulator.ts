import { labelOf } from '../flames-scorer/label.js';
import { JsonServer, readObject, sendJson, wait, waitForEver, type Exchange } from '../json-server.js';
import { answerTo } from './answers.js';
import { FaultPlan, fraction, modelFaults, type FaultShares, type ModelFault } from './fault-plan.js';
import { RequestLog } from './request-log.js';
import * as shapes from './shapes.js';

export interface OpenAiSimulatorOptions {
  /** Others are refused with 404. */
  models: string[];
  /** Other keys are refused with 401; empty: any key. */
  apiKey: string;
  /** Each answer takes as long as its prompt says, evenly between the two. */
  minLatencyMs: number;
  maxLatencyMs: number;
  /** More requests at once are answered 429. */
  maxAtOnce: number;
  retryAfterSeconds: number;
  faults: FaultShares;
  seed: string;
  /** One line for each request. */
  logFile: string | undefined;
  /** What a model answers; for tests in the same process. */
  answer: (model: string, prompt: string) => string;
}

interface ChatBody {
  model: string;
  prompt: string;
  isJson: boolean;
}

const defaults: OpenAiSimulatorOptions = {
  models: ['sim-chat', 'sim-chat-mini', 'sim-judge'],
  apiKey: '',
  minLatencyMs: 0,
  maxLatencyMs: 0,
  maxAtOnce: Infinity,
  retryAfterSeconds: 1,
  faults: {},
  seed: 'seed',
  logFile: undefined,
  answer: answerTo,
};

/** An OpenAI-compatible chat API without a model: real shapes, invented answers, and failures when told to. */
export class OpenAiSimulator {
  readonly options: OpenAiSimulatorOptions;
  readonly faults: FaultPlan;
  readonly log: RequestLog;
  /** The bodies of chat requests, newest last; the last thousand. */
  readonly requests: Record<string, unknown>[] = [];
  /** Chat requests under way, and the most there ever were. */
  atOnce = 0;
  mostAtOnce = 0;
  private readonly server = new JsonServer((exchange) => this.handle(exchange));

  constructor(options: Partial<OpenAiSimulatorOptions> = {}) {
    this.options = { ...defaults, ...options };
    this.faults = new FaultPlan(this.options.faults, this.options.seed);
    this.log = new RequestLog(this.options.logFile);
  }

  /** Gives the address, without /v1. */
  start(port = 0, host?: string): Promise<string> {
    return this.server.start(port, host);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private async handle(exchange: Exchange): Promise<void> {
    const { method, path, response, request } = exchange;
    if (path === '/sim/answers') return sendJson(response, 200, this.log.summary());
    if (path === '/sim/faults' && method === 'POST') return this.arm(exchange);
    const { apiKey } = this.options;
    if (apiKey && request.headers.authorization !== `Bearer ${apiKey}`) return this.refuseKey(exchange);
    if (path === '/v1/models' && method === 'GET')
      return sendJson(response, 200, shapes.modelList(this.options.models));
    if (path === '/v1/chat/completions' && method === 'POST') return this.chat(exchange);
    const message = `Invalid URL (${method} ${path})`;
    sendJson(response, 404, shapes.failure(message, 'invalid_request_error', 'unknown_url'));
  }

  /** OpenAI repeats the key in its refusal, most of it hidden; others repeat it whole. */
  private refuseKey({ request, response }: Exchange): void {
    const key = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    sendJson(
      response,
      401,
      shapes.failure(`Incorrect API key provided: ${key}.`, 'invalid_request_error', 'invalid_api_key'),
    );
  }

  private async arm({ request, response }: Exchange): Promise<void> {
    const { fault, times, prompt } = (await readObject(request)) ?? {};
    const known = modelFaults.find((name) => name === fault);
    if (fault === null) this.faults.clear();
    else if (known)
      this.faults.arm(known, { times: times as number | undefined, prompt: prompt as string | undefined });
    else return sendJson(response, 400, { detail: `fault must be null or one of ${modelFaults.join(', ')}` });
    sendJson(response, 200, { fault });
  }

  private async chat(exchange: Exchange): Promise<void> {
    const raw = await readObject(exchange.request);
    const body = this.readChat(raw, exchange);
    if (!body) return;
    this.requests.push(raw!);
    if (this.requests.length > 1_000) this.requests.shift();
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    try {
      await this.finish(exchange, body);
    } finally {
      this.atOnce -= 1;
    }
  }

  private readChat(body: Record<string, unknown> | undefined, { response }: Exchange): ChatBody | undefined {
    const refuse = (status: number, message: string, code: string | null = null) =>
      void sendJson(response, status, shapes.failure(message, 'invalid_request_error', code));
    const { model, messages, stream } = body ?? {};
    if (typeof model !== 'string') return refuse(400, 'you must provide a model parameter');
    if (!this.options.models.includes(model))
      return refuse(404, `The model \`${model}\` does not exist or you do not have access to it.`, 'model_not_found');
    const last = Array.isArray(messages) ? (messages.at(-1) as { content?: unknown } | undefined) : undefined;
    if (typeof last?.content !== 'string') return refuse(400, "Missing required parameter: 'messages'.");
    if (stream === true) return refuse(400, 'This simulator does not stream.', 'unsupported_value');
    const format = body?.response_format as { type?: unknown } | undefined;
    return { model, prompt: last.content, isJson: format?.type === 'json_object' };
  }

  private async finish({ response, request, signal }: Exchange, body: ChatBody): Promise<void> {
    const { minLatencyMs, maxLatencyMs, maxAtOnce, seed } = this.options;
    const { model, prompt } = body;
    const attempt = this.log.begin(prompt);
    const begunMs = performance.now();
    const latencyMs =
      minLatencyMs + Math.round((maxLatencyMs - minLatencyMs) * fraction(`${seed}\nlatency\n${prompt}`));
    const note = (outcome: string) => {
      this.log.note({ prompt, model, outcome, attempt, latencyMs, tookMs: performance.now() - begunMs });
    };
    const fault = this.atOnce > maxAtOnce ? 'rate_limited' : this.faults.take(prompt, attempt);
    // Refused at the door, as gateways do.
    if (fault !== 'rate_limited') await wait(latencyMs, signal).catch(() => undefined);
    if (signal.aborted) return note('gone');
    note(fault ?? 'answered');
    if (fault === 'hang') return waitForEver(signal);
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    this.send(response, fault, body);
  }

  private send(
    response: Exchange['response'],
    fault: Exclude<ModelFault, 'hang' | 'reset'> | undefined,
    body: ChatBody,
  ) {
    const { model, prompt } = body;
    const { retryAfterSeconds } = this.options;
    const limit = shapes.failure('Rate limit reached for requests.', 'requests', 'rate_limit_exceeded');
    const broken = shapes.failure('The server had an error while processing your request.', 'server_error', null);
    const whole = shapes.completion(model, prompt, this.textFor(body));
    switch (fault) {
      case undefined:
        return sendJson(response, 200, whole);
      case 'rate_limited':
        return sendJson(response, 429, limit, { 'retry-after': String(retryAfterSeconds) });
      case 'server_error':
        return sendJson(response, 500, broken);
      case 'content_filter':
        return sendJson(response, 200, shapes.filteredCompletion(model, prompt));
      case 'prompt_filter':
        return sendJson(response, 400, shapes.promptFilterFailure());
      case 'no_choices':
        return sendJson(response, 200, shapes.emptyCompletion(model, prompt));
      case 'tool_call':
        return sendJson(response, 200, shapes.toolCallCompletion(model, prompt));
      case 'malformed':
        response.writeHead(200, { 'content-type': 'application/json' });
        return void response.end(JSON.stringify(whole).slice(0, 60));
    }
  }

  /** Asked for JSON, the model plays the judge of what it was shown. */
  private textFor({ model, prompt, isJson }: ChatBody): string {
    if (isJson && this.options.answer === answerTo)
      return JSON.stringify({ score: labelOf('Legality', prompt), reason: '模拟裁判的判断' });
    return this.options.answer(model, prompt);
  }
}
