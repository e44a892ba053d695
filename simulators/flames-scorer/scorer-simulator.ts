import { JsonServer, readObject, sendJson, wait, type Exchange } from '../json-server.js';
import { classIndexOf, labelOf } from './label.js';

export const scorerFaults = [
  /** 503 at every route, as while the model is being loaded. */
  'away',
  /** Each answer gets the label 3: the known failure of the public model. */
  'constant',
  /** The labels 1 and 3 are exchanged. */
  'reversed',
  /** Labels that do not exist: 2 with two classes, 0 and "3" elsewhere. */
  'wrong_label',
  'server_error',
  /** Some items are left out of the answer. */
  'incomplete',
  /** 500, 422, and an answer out of all contract to whatever holds an answer with MARK in it. */
  'breaks_on_mark',
  'refuses_mark',
  'garbles_mark',
  /** Drops the connection of whatever holds an answer with MARK in it, and all others while it would restart. */
  'dies_on_mark',
  /** 422 at each batch. */
  'refuses',
  /** 500 of the classifier's model for Legality alone. */
  'legality_error',
] as const;

/** An answer that has this in it is one that the faults of marks mean. */
export const MARK = '[mark]';

export type ScorerFault = (typeof scorerFaults)[number];

export interface ScorerSimulatorOptions {
  fault: ScorerFault | undefined;
  /** Of each request. */
  latencyMs: number;
  model: string;
  revision: string;
  /** In characters here, where a real model counts tokens. */
  maxLength: number;
}

interface Item {
  id: string;
  dimension: string;
  prompt: string;
  response: string;
}

const MAX_ITEMS = 64;
const RESTART_MS = 300;
const DIMENSIONS = ['Fairness', 'Safety', 'Morality', 'Legality', 'Data protection'];

/** The flames-scorer over HTTP, without the model: POST /score and GET /healthz, and POST /classify as vLLM answers. */
export class ScorerSimulator {
  readonly options: ScorerSimulatorOptions;
  /** Sizes of the batches that were scored. */
  readonly batches: number[] = [];
  /** Batches that were answered with a fault. */
  failed = 0;
  /** What the classifier was shown, the last hundred times. */
  readonly inputs: { model: string; texts: string[] }[] = [];
  private deadUntilMs = 0;
  private readonly server = new JsonServer((exchange) => this.handle(exchange));

  constructor(options: Partial<ScorerSimulatorOptions> = {}) {
    this.options = {
      fault: undefined,
      latencyMs: 0,
      model: 'flames-scorer-simulator',
      revision: 'sim-1',
      maxLength: 4_096,
      ...options,
    };
  }

  /** Gives the address. */
  start(port = 0, host?: string): Promise<string> {
    return this.server.start(port, host);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private async handle({ method, path, request, response, signal }: Exchange): Promise<void> {
    const { fault, latencyMs, model, revision, maxLength } = this.options;
    const body = method === 'POST' ? await readObject(request) : {};
    if (path === '/sim/faults' && method === 'POST') return this.arm(body, response);
    await wait(latencyMs, signal);
    if (this.isDead(JSON.stringify(body))) return void request.socket.destroy();
    if (fault === 'away') return sendJson(response, 503, { detail: 'the model is being loaded' }, { 'retry-after': 1 });
    if (path === '/healthz') return sendJson(response, 200, { status: 'ok', model, revision, max_length: maxLength });
    if (method === 'POST' && this.isRefused(response, JSON.stringify(body))) return;
    if (path === '/score' && method === 'POST') return this.score(body, response);
    if (path === '/classify' && method === 'POST') return this.classify(body, response);
    if (path === '/v1/models') return sendJson(response, 200, modelList(maxLength));
    sendJson(response, 404, { detail: 'Not Found' });
  }

  private isDead(body: string): boolean {
    const isKilled = this.options.fault === 'dies_on_mark' && body.includes(MARK);
    if (isKilled) this.failed += 1;
    if (isKilled) this.deadUntilMs = performance.now() + RESTART_MS;
    return performance.now() < this.deadUntilMs;
  }

  private isRefused(response: Exchange['response'], body: string): boolean {
    const { fault } = this.options;
    const isMarked = body.includes(MARK);
    const isLegality = body.includes('"model":"scorer-legality"');
    const isBroken =
      fault === 'server_error' ||
      (fault === 'breaks_on_mark' && isMarked) ||
      (fault === 'legality_error' && isLegality);
    const isRefused = fault === 'refuses' || (fault === 'refuses_mark' && isMarked);
    const isGarbled = fault === 'garbles_mark' && isMarked;
    if (!isBroken && !isRefused && !isGarbled) return false;
    this.failed += 1;
    if (isBroken) sendJson(response, 500, { detail: 'CUDA out of memory' });
    else if (isRefused) sendJson(response, 422, { detail: 'unprocessable' });
    else sendJson(response, 200, { items: 'NaN' });
    return true;
  }

  private arm(body: Record<string, unknown> | undefined, response: Exchange['response']): void {
    const fault = scorerFaults.find((known) => known === body?.fault);
    if (!fault && body?.fault !== null)
      return sendJson(response, 400, { detail: `fault must be null or one of ${scorerFaults.join(', ')}` });
    this.options.fault = fault;
    sendJson(response, 200, { fault: fault ?? null });
  }

  private score(body: Record<string, unknown> | undefined, response: Exchange['response']): void {
    const items = body?.items;
    if (!Array.isArray(items) || items.length > MAX_ITEMS || !items.every(isItem))
      return sendJson(response, 422, {
        detail: `items must be at most ${MAX_ITEMS} of {id, dimension, prompt, response}`,
      });
    this.batches.push(items.length);
    const { fault, model, revision, maxLength } = this.options;
    const scored = items.map((item) => this.judge(item));
    const told = fault === 'incomplete' ? scored.slice(1) : scored;
    sendJson(response, 200, { model, revision, max_length: maxLength, items: told });
  }

  private judge({ id, dimension, response }: Item) {
    const { maxLength } = this.options;
    const predicted = this.mislead(dimension, labelOf(dimension, response.slice(0, maxLength)));
    const classIndex = classIndexOf(dimension, Number(predicted));
    return { id, predicted, class_index: classIndex, truncated: response.length > maxLength };
  }

  private mislead(dimension: string, label: number): number | string {
    const { fault } = this.options;
    if (fault === 'constant') return 3;
    if (fault === 'reversed') return 4 - label;
    if (fault !== 'wrong_label') return label;
    return classIndexOf(dimension, 2) < 0 ? 2 : label === 3 ? '3' : 0;
  }

  /** The model's name ends with the dimension whose head it is. */
  private classify(body: Record<string, unknown> | undefined, response: Exchange['response']): void {
    const { model, input } = (body ?? {}) as { model?: string; input?: unknown };
    const dimension = DIMENSIONS.find((name) => model?.endsWith(nameOf(name)));
    if (!dimension) return sendJson(response, 404, { error: { message: `The model \`${model}\` does not exist.` } });
    const texts = [input].flat().map(String);
    this.batches.push(texts.length);
    this.inputs.push({ model: model!, texts });
    if (this.inputs.length > 100) this.inputs.shift();
    const data = texts.map((text, index) => this.classOf(dimension, text, index));
    sendJson(response, 200, {
      id: 'classify-1',
      object: 'list',
      created: seconds(),
      model,
      data,
      usage: usageOf(texts),
    });
  }

  private classOf(dimension: string, text: string, index: number) {
    const classes = classIndexOf(dimension, 2) < 0 ? 2 : 3;
    const answer = text.slice(text.indexOf('\n回复:'));
    const winner = classIndexOf(dimension, Number(this.mislead(dimension, labelOf(dimension, answer))));
    const probs = Array.from({ length: classes }, (_, position) => (position === winner ? 0.9 : 0.1 / (classes - 1)));
    return { index, label: `LABEL_${winner}`, probs, num_classes: classes };
  }
}

function isItem(value: unknown): value is Item {
  const item = value as Partial<Record<string, unknown>> | null;
  return ['id', 'dimension', 'prompt', 'response'].every((key) => typeof item?.[key] === 'string');
}

function nameOf(dimension: string): string {
  return dimension.toLowerCase().replace(' ', '_');
}

/** As vLLM lists the models that it serves. */
function modelList(maxLength: number) {
  const data = DIMENSIONS.map((dimension) => {
    const id = `scorer-${nameOf(dimension)}`;
    return {
      id,
      object: 'model',
      created: seconds(),
      owned_by: 'vllm',
      root: `/models/${id}`,
      max_model_len: maxLength,
    };
  });
  return { object: 'list', data };
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}

function usageOf(texts: string[]) {
  const tokens = texts.reduce((sum, text) => sum + text.length, 0);
  return { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0, prompt_tokens_details: null };
}
