import type { FaultBoard } from '../faults.js';
import { randomUUID } from 'node:crypto';
import type { Catalog, NodeTable } from '../nodes/node-class.js';
import type { PromptLog } from '../prompt-log.js';
import type { PromptGraph, QueueItem } from '../protocol.js';
import type { PromptQueue } from '../queue/prompt-queue.js';
import { toFloat, toText } from '../validation/coerce-value.js';
import { errorInfo, validatePrompt } from '../validation/validate-prompt.js';
import type { Exchange } from './exchange.js';
import { sendServerError, type Route } from './router.js';

interface Tools {
  queue: PromptQueue;
  classes: NodeTable;
  catalog: Catalog;
  faults: FaultBoard;
  log: PromptLog;
}

export function promptRoutes(tools: Tools): Route[] {
  const { queue } = tools;
  return [
    {
      method: 'GET',
      path: '/prompt',
      handle: (exchange) => exchange.sendJson({ exec_info: { queue_remaining: queue.remaining } }),
    },
    { method: 'POST', path: '/prompt', handle: (exchange) => submit(exchange, tools) },
  ];
}

/** The order of the steps is the server's: a refused prompt has used up a number, and a bad number makes a 500. */
async function submit(exchange: Exchange, { queue, classes, catalog, faults, log }: Tools): Promise<void> {
  const request = await exchange.json();
  if (faults.take('http_500')) return sendServerError(exchange);
  const number = 'number' in request ? toFloat(request.number) : queue.nextNumber(Boolean(request.front));
  if (!('prompt' in request)) {
    return exchange.sendJson(
      { error: errorInfo('no_prompt', 'No prompt provided', 'No prompt provided'), node_errors: {} },
      400,
    );
  }
  const promptId = 'prompt_id' in request ? toText(request.prompt_id) : randomUUID();
  const validation = validatePrompt(request.prompt, request.partial_execution_targets, classes, catalog);
  const extraData = 'extra_data' in request ? (request.extra_data as Record<string, unknown>) : {};
  if ('client_id' in request) extraData.client_id = request.client_id;
  if (validation.error) return exchange.sendJson({ error: validation.error, node_errors: validation.nodeErrors }, 400);

  const item: QueueItem = [number, promptId, request.prompt as PromptGraph, extraData, validation.outputs];
  log.add('accepted', item);
  queue.put(item);
  if (faults.take('http_500_after_queue')) return sendServerError(exchange);
  if (faults.take('drop_answer')) return void exchange.request.socket.destroy();
  exchange.sendJson({ prompt_id: promptId, number, node_errors: validation.nodeErrors });
}
