import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { OpenAiSimulator, type OpenAiSimulatorOptions } from '../../../simulators/openai/openai-simulator.js';
import { Clock } from '../../../src/common/index.js';
import { askWithRetries } from '../../../src/flames/targets/ask-with-retries.js';
import { type TargetError, type ChatTarget } from '../../../src/flames/targets/chat-target.js';
import { LimiterRegistry } from '../../../src/flames/targets/limiter-registry.js';
import { OpenAiTarget } from '../../../src/flames/targets/openai-target.js';
import { readApiSite } from '../../../src/flames/targets/target-address.js';
import { waitFor } from '../../support/wait-for.js';
import { closeAll, closeLater, never } from './scorer-stage.js';

afterEach(closeAll);

const chat = (prompt: string, model = 'sim-chat') => ({
  model,
  messages: [{ role: 'user' as const, content: prompt }],
});

async function start(options: Partial<OpenAiSimulatorOptions> = {}) {
  const simulator = new OpenAiSimulator(options);
  const url = await simulator.start();
  closeLater(() => simulator.stop());
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-any', maxRetries: 0 });
  return { simulator, url, client };
}

function openTarget(url: string, timeoutMs = 5_000): ChatTarget {
  const clock = new Clock();
  const target = new OpenAiTarget({
    address: readApiSite(url, true),
    apiKey: '',
    allowPrivate: true,
    timeoutMs,
    clock,
  });
  closeLater(() => target.close());
  return target;
}

describe('the simulated model API', () => {
  it('answers a published client in the shapes of the API, the same to the same prompt', async () => {
    const { client } = await start();
    const first = await client.chat.completions.create(chat('你好'));
    expect(first).toEqual({
      id: expect.stringMatching(/^chatcmpl-\w{29}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'sim-chat',
      service_tier: 'default',
      system_fingerprint: null,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: expect.stringMatching(/\S/), refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 2, completion_tokens: expect.any(Number), total_tokens: expect.any(Number) },
    });
    const again = await client.chat.completions.create(chat('你好'));
    expect(again.choices[0]!.message).toEqual(first.choices[0]!.message);
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['sim-chat', 'sim-chat-mini', 'sim-judge']);
  });

  it('refuses as the API does', async () => {
    const { client, simulator } = await start();
    await expect(client.chat.completions.create(chat('a', 'gpt-9'))).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      type: 'invalid_request_error',
    });
    await expect(client.chat.completions.create({ model: 'sim-chat', messages: [] })).rejects.toMatchObject({
      status: 400,
    });
    simulator.faults.arm('rate_limited', { prompt: 'b' });
    await client.chat.completions.create(chat('a'));
    const refused = client.chat.completions.create(chat('b'));
    await expect(refused).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    await expect(refused.catch((error: { headers: Headers }) => error.headers.get('retry-after'))).resolves.toBe('1');
  });

  it('fails the same prompts under the same seed, in about the share that was asked for', async () => {
    const prompts = Array.from({ length: 1_000 }, (_, index) => `prompt ${index}`);
    const failing = (seed: string) => {
      const { faults } = new OpenAiSimulator({ seed, faults: { rate_limited: 0.05, content_filter: 0.02 } });
      return prompts.map((prompt) => faults.take(prompt, 1));
    };
    const once = failing('a');
    expect(failing('a')).toEqual(once);
    expect(failing('b')).not.toEqual(once);
    const count = (fault: string) => once.filter((one) => one === fault).length;
    expect(count('rate_limited')).toBeGreaterThan(30);
    expect(count('rate_limited')).toBeLessThan(75);
    expect(count('content_filter')).toBeGreaterThan(8);
    expect(count('content_filter')).toBeLessThan(36);
  });

  it('counts what it answered, in a file too, and not what nobody waited for', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'openai-simulator-'));
    closeLater(async () => rmSync(folder, { recursive: true }));
    const logFile = path.join(folder, 'requests.jsonl');
    const { client, url, simulator } = await start({ logFile });
    simulator.faults.arm('server_error', { prompt: 'b' });
    await client.chat.completions.create(chat('a'));
    await client.chat.completions
      .create(chat('b'))
      .catch((error: { status: number }) => expect(error.status).toBe(500));
    await client.chat.completions.create(chat('b'));
    Object.assign(simulator.options, { minLatencyMs: 60_000, maxLatencyMs: 60_000 });
    const cancel = new AbortController();
    const left = client.chat.completions.create(chat('c'), { signal: cancel.signal });
    await waitFor(() => simulator.atOnce === 1);
    cancel.abort();
    await expect(left).rejects.toThrow();
    await waitFor(() => simulator.log.summary().outcomes.gone === 1);
    await expect((await fetch(`${url}/sim/answers`)).json()).resolves.toEqual({
      total: 2,
      outcomes: { answered: 2, server_error: 1, gone: 1 },
      prompts: { a: 1, b: 1 },
    });
    const lines = readFileSync(logFile, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { prompt: 'a', outcome: 'answered', attempt: 1 },
      { prompt: 'b', outcome: 'server_error', attempt: 1 },
      { prompt: 'b', outcome: 'answered', attempt: 2 },
      { prompt: 'c', outcome: 'gone', attempt: 1 },
    ]);
  });
});

describe('asking with retries (real: the SDK, HTTP, the limiter; simulated: the API)', () => {
  it('gets every prompt answered once, or to a stated end, through refusals, failures and hangs', async () => {
    const faults = {
      rate_limited: 0.05,
      server_error: 0.05,
      hang: 0.01,
      reset: 0.02,
      malformed: 0.02,
      prompt_filter: 0.03,
    };
    const { simulator, url } = await start({ faults, minLatencyMs: 1, maxLatencyMs: 5, retryAfterSeconds: 0 });
    const target = openTarget(url);
    const limiter = new LimiterRegistry(new Clock()).of(url, '', 20);
    const prompts = Array.from({ length: 300 }, (_, index) => `prompt ${index}`);
    const ends = await Promise.all(
      prompts.map((prompt) =>
        askWithRetries(target, { model: 'sim-chat', prompt }, { taskId: 't', limiter, signal: never, baseMs: 5 }).then(
          () => 'answered',
          (error: TargetError) => error.errorClass,
        ),
      ),
    );
    const answered = ends.filter((end) => end === 'answered').length;
    const filtered = ends.filter((end) => end === 'content_filter').length;
    expect(answered + filtered).toBe(300);
    expect(filtered).toBeGreaterThan(0);
    const { total, prompts: counts, outcomes } = simulator.log.summary();
    expect(total).toBe(answered);
    expect(Object.values(counts).every((count) => count === 1)).toBe(true);
    for (const fault of Object.keys(faults)) expect(outcomes[fault]).toBeGreaterThan(0);
  });

  it('finds the width that the API takes, without giving any prompt up', async () => {
    const { simulator, url } = await start({ maxAtOnce: 4, minLatencyMs: 5, maxLatencyMs: 10, retryAfterSeconds: 0 });
    const target = openTarget(url, 5_000);
    const limiter = new LimiterRegistry(new Clock()).of(url, '', 32);
    const work = Array.from({ length: 200 }, (_, index) =>
      askWithRetries(
        target,
        { model: 'sim-chat', prompt: `prompt ${index}` },
        { taskId: `task-${index % 2}`, limiter, signal: never, baseMs: 5 },
      ),
    );
    await Promise.all(work);
    expect(simulator.log.summary().total).toBe(200);
    expect(limiter.width).toBeLessThan(10);
  });

  it('leaves an API alone for as long as it asks, whichever task was refused', async () => {
    const { simulator, url } = await start();
    const target = openTarget(url, 5_000);
    const limiter = new LimiterRegistry(new Clock()).of(url, '', 4);
    const ask = (taskId: string, prompt: string) =>
      askWithRetries(target, { model: 'sim-chat', prompt }, { taskId, limiter, signal: never, baseMs: 1 });
    simulator.faults.arm('rate_limited');
    const startedMs = performance.now();
    const refused = ask('a', 'one');
    await waitFor(() => simulator.log.summary().outcomes.rate_limited === 1);
    await waitFor(() => limiter.width === 2);
    await ask('b', 'two');
    expect(performance.now() - startedMs).toBeGreaterThan(950);
    await expect(refused).resolves.toMatchObject({ attempts: 2 });
  });
});
