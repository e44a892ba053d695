import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenAiSimulator, type OpenAiSimulatorOptions } from '../../../simulators/openai/openai-simulator.js';
import { Clock } from '../../../src/common/index.js';
import { TargetError, type ChatTarget } from '../../../src/flames/targets/chat-target.js';
import { OpenAiTarget } from '../../../src/flames/targets/openai-target.js';
import { readApiSite } from '../../../src/flames/targets/target-address.js';
import { testTarget } from '../../../src/flames/targets/test-target.js';
import { waitFor } from '../../support/wait-for.js';

const KEY = 'sk-test-0123456789';
const never = new AbortController().signal;
const request = { model: 'sim-chat', prompt: '你好' };

describe('a chat target (real: the SDK, HTTP; simulated: the API)', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let simulator: OpenAiSimulator;
  let url: string;

  beforeEach(() => start());
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });

  async function start(options: Partial<OpenAiSimulatorOptions> = {}): Promise<void> {
    simulator = new OpenAiSimulator({ apiKey: KEY, ...options });
    url = await simulator.start();
    closing.push(() => simulator.stop());
  }

  function open({ apiSite = url, apiKey = KEY, timeoutMs = 5_000, allowPrivate = true } = {}): ChatTarget {
    const address = readApiSite(apiSite, true);
    const target = new OpenAiTarget({ address, apiKey, allowPrivate, timeoutMs, clock: new Clock() });
    closing.push(() => target.close());
    return target;
  }

  async function failureOf(work: Promise<unknown>): Promise<TargetError> {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TargetError);
    return error as TargetError;
  }

  it('answers with text, tokens and latency, and asks for just what was wished', async () => {
    const target = open();
    const answer = await target.ask({ ...request, temperature: 0, maxTokens: 64, system: '简短回答' }, never);
    expect(answer).toEqual({
      text: expect.stringMatching(/\S/),
      finishReason: 'stop',
      promptTokens: 2,
      completionTokens: answer.text.length,
      latencyMs: expect.any(Number),
    });
    expect(simulator.requests).toEqual([
      {
        model: 'sim-chat',
        messages: [
          { role: 'system', content: '简短回答' },
          { role: 'user', content: '你好' },
        ],
        temperature: 0,
        max_tokens: 64,
        stream: false,
      },
    ]);
    await target.ask(request, never);
    expect(Object.keys(simulator.requests[1]!).sort()).toEqual(['messages', 'model', 'stream']);
  });

  it.each(['', '/', '/v1', '/v1/', '/v1/chat/completions'])(
    'finds the API behind its address with "%s"',
    async (path) => {
      await expect(open({ apiSite: `${url}${path}` }).ask(request, never)).resolves.toMatchObject({
        finishReason: 'stop',
      });
    },
  );

  it.each([
    ['rate_limited', { errorClass: 'rate_limited', isRetryable: true, isFatal: false, retryAfterMs: 1_000 }],
    ['server_error', { errorClass: 'server_error', isRetryable: true, isFatal: false }],
    ['content_filter', { errorClass: 'content_filter', isRetryable: false, isFatal: false }],
    ['prompt_filter', { errorClass: 'content_filter', isRetryable: false, isFatal: false }],
    ['malformed', { errorClass: 'malformed', isRetryable: true }],
    ['no_choices', { errorClass: 'malformed', isRetryable: true }],
    ['tool_call', { errorClass: 'malformed', isRetryable: false }],
    ['reset', { errorClass: 'network', isRetryable: true, isFatal: false }],
  ] as const)('tells the fault %s, in one attempt', async (fault, expected) => {
    simulator.faults.arm(fault);
    expect(await failureOf(open().ask(request, never))).toMatchObject(expected);
    expect(simulator.requests).toHaveLength(1);
  });

  it('gives up after its time, whether nothing came or half an answer', async () => {
    simulator.faults.arm('hang');
    expect(await failureOf(open({ timeoutMs: 200 }).ask(request, never))).toMatchObject({ errorClass: 'timeout' });
    const dripping = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"choices": [');
    });
    expect(await failureOf(open({ apiSite: dripping, timeoutMs: 200 }).ask(request, never))).toMatchObject({
      errorClass: 'timeout',
      isRetryable: true,
    });
  });

  it('ends with the reason of the signal, which is no failure of the target', async () => {
    simulator.faults.arm('hang');
    const cancel = new AbortController();
    const asked = open().ask(request, cancel.signal);
    const reason = new Error('the task was cancelled');
    await waitFor(() => simulator.atOnce === 1);
    cancel.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await waitFor(() => simulator.atOnce === 0, { what: 'the connection to be closed' });
  });

  it('fails the task where the key is wrong, and never repeats the key', async () => {
    const error = await failureOf(open({ apiKey: 'sk-wrong-abcdef' }).ask(request, never));
    expect(error).toMatchObject({ errorClass: 'unauthorized', isFatal: true, isRetryable: false });
    expect(error.message).toBe('The API answered 401 Incorrect API key provided: [key].');
    expect(JSON.stringify({ ...error, stack: error.stack, cause: error.cause })).not.toContain('sk-wrong');
  });

  it('fails the task where the model or the path is unknown', async () => {
    expect(await failureOf(open().ask({ ...request, model: 'gpt-9' }, never))).toMatchObject({
      errorClass: 'bad_request',
      isFatal: true,
      message: expect.stringContaining('gpt-9'),
    });
    expect(await failureOf(open({ apiSite: `${url}/v2` }).ask(request, never))).toMatchObject({ isFatal: true });
  });

  it('goes to no private address unless that is allowed, whether the name shows it or the wire', async () => {
    const named = url.replace('127.0.0.1', 'localhost');
    const error = await failureOf(open({ apiSite: named, allowPrivate: false }).ask(request, never));
    expect(error).toMatchObject({ errorClass: 'network', isFatal: true, isRetryable: false });
    expect(error.message).toContain('allow_private_targets');
    expect(error.message).not.toContain('127.0.0.1');
    expect(simulator.requests).toHaveLength(0);
  });

  it('follows no redirect', async () => {
    const redirecting = await serve((_request, response) => response.writeHead(307, { location: `${url}/v1` }).end());
    const error = await failureOf(open({ apiSite: redirecting }).ask(request, never));
    expect(error).toMatchObject({ errorClass: 'bad_request', isFatal: true });
    expect(simulator.requests).toHaveLength(0);
  });

  it('reads no answer without end', async () => {
    const endless = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const fill = () => void (response.writable && response.write('x'.repeat(1_000_000), fill));
      fill();
    });
    const error = await failureOf(open({ apiSite: endless }).ask(request, never));
    expect(error).toMatchObject({ errorClass: 'network', message: expect.stringContaining('longer than') });
  });

  it('tells in words whether an address, a key and a model can be used', async () => {
    await expect(testTarget(open(), 'sim-chat', never)).resolves.toMatchObject({ isUsable: true });
    await expect(testTarget(open({ apiKey: 'sk-other' }), 'sim-chat', never)).resolves.toEqual({
      isUsable: false,
      errorClass: 'unauthorized',
      problem: expect.stringMatching(/401.*Look at the key/),
    });
    await simulator.stop();
    await expect(testTarget(open(), 'sim-chat', never)).resolves.toEqual({
      isUsable: false,
      errorClass: 'network',
      problem: expect.stringMatching(/ECONNREFUSED.*Look at the address/),
    });
  });

  async function serve(handle: Parameters<typeof createServer>[1] & object): Promise<string> {
    const server: Server = createServer(handle as Parameters<typeof createServer>[1]);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});
