import type { Interrupt } from '../execution/interrupt.js';
import type { PromptWorker } from '../execution/prompt-worker.js';
import type { FaultBoard } from '../faults.js';
import type { PromptLog } from '../prompt-log.js';
import type { History } from '../queue/history.js';
import type { PromptQueue } from '../queue/prompt-queue.js';
import { toText } from '../validation/coerce-value.js';
import type { Exchange } from './exchange.js';
import type { Route } from './router.js';

interface Tools {
  queue: PromptQueue;
  history: History;
  interrupt: Interrupt;
  worker: PromptWorker;
  log: PromptLog;
  faults: FaultBoard;
}

export function queueRoutes(tools: Tools): Route[] {
  const { queue, history, worker } = tools;
  return [
    { method: 'GET', path: '/queue', handle: (exchange) => exchange.sendJson(queue.state()) },
    { method: 'POST', path: '/queue', handle: (exchange) => deletePending(exchange, tools) },
    { method: 'POST', path: '/interrupt', handle: (exchange) => interruptRunning(exchange, tools) },
    { method: 'GET', path: '/history', handle: (exchange) => listHistory(exchange, history) },
    {
      method: 'GET',
      path: '/history/:promptId',
      handle: (exchange) => exchange.sendJson(history.find(exchange.params.promptId ?? '')),
    },
    { method: 'POST', path: '/history', handle: (exchange) => deleteHistory(exchange, history) },
    {
      method: 'POST',
      path: '/free',
      handle: async (exchange) => {
        const { unload_models, free_memory } = await exchange.json();
        worker.requestFree(Boolean(unload_models), Boolean(free_memory));
        exchange.sendEmpty();
      },
    },
  ];
}

async function deletePending(exchange: Exchange, { queue, log }: Tools): Promise<void> {
  const request = await exchange.json();
  const removed = request.clear ? queue.clear() : [];
  for (const promptId of mentionedIds(request)) {
    const item = queue.delete(promptId);
    if (item) removed.push(item);
  }
  for (const item of removed) log.add('deleted', item);
  exchange.sendEmpty();
}

/** With an id only that prompt, if it is running; without one, or with a body that is no JSON, whatever is running. */
async function interruptRunning(exchange: Exchange, { queue, interrupt, faults }: Tools): Promise<void> {
  const promptId = wantedPrompt((await exchange.body()).toString());
  if (faults.take('ignore_interrupt')) return exchange.sendEmpty();
  if (promptId === undefined || queue.isRunning(promptId)) interrupt.raise();
  exchange.sendEmpty();
}

function wantedPrompt(body: string): string | undefined {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request)) throw new TypeError('not an object');
  return 'prompt_id' in request && request.prompt_id ? toText(request.prompt_id) : undefined;
}

function listHistory(exchange: Exchange, history: History): void {
  exchange.sendJson(history.list(integer(exchange.query('max_items')), integer(exchange.query('offset'))));
}

async function deleteHistory(exchange: Exchange, history: History): Promise<void> {
  const request = await exchange.json();
  if (request.clear) history.clear();
  for (const promptId of mentionedIds(request)) history.delete(promptId);
  exchange.sendEmpty();
}

function mentionedIds(request: Record<string, unknown>): string[] {
  return Array.isArray(request.delete) ? request.delete.map(String) : [];
}

function integer(text: string | undefined): number | undefined {
  if (text !== undefined && !/^-?\d+$/.test(text)) throw new TypeError(`invalid literal for int(): ${text}`);
  return text === undefined ? undefined : Number(text);
}
