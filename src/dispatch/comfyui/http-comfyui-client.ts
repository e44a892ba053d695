import { FormData, Pool, type Dispatcher } from 'undici';
import { UpstreamError } from '../../common/index.js';
import type { ComfyUiClient } from './comfyui-client.js';
import { parseLenient } from './lenient-json.js';
import type {
  FileReference,
  HistoryEntry,
  NodeErrors,
  ObjectInfo,
  PromptSubmission,
  QueueEntry,
  QueueSnapshot,
  SubmitOutcome,
  SystemStats,
} from './protocol.js';

export interface HttpClientTimeouts {
  requestTimeoutMs: number;
  postTimeoutMs: number;
}

/** More than any node tells of itself; what answers more would fill our memory. */
const MOST_TEXT_BYTES = 64 * 1024 * 1024;

type QueueItem = [
  number: number,
  promptId: string,
  prompt: unknown,
  extra: Record<string, unknown> | null,
  ...unknown[],
];

/** A node by its HTTP API (docs/comfyui-protocol.md, 3), over a few kept connections. */
export class HttpComfyUiClient implements ComfyUiClient {
  private readonly pool: Pool;
  private readonly prefix: string;

  constructor(
    url: string,
    private readonly timeouts: HttpClientTimeouts,
  ) {
    const { origin, pathname } = new URL(url);
    this.prefix = pathname.replace(/\/$/, '');
    this.pool = new Pool(origin, { connections: 8, connect: { timeout: timeouts.requestTimeoutMs } });
  }

  systemStats(): Promise<SystemStats> {
    return this.getJson<SystemStats>('/system_stats');
  }

  objectInfo(): Promise<ObjectInfo> {
    return this.getJson<ObjectInfo>('/object_info');
  }

  async submit(submission: PromptSubmission): Promise<SubmitOutcome> {
    let status: number;
    let text: string;
    try {
      const response = await this.send('POST', '/prompt', submission, this.timeouts.postTimeoutMs);
      status = response.statusCode;
      text = await readText(response);
    } catch (error) {
      return { kind: 'ambiguous', reason: (error as Error).message };
    }
    return readSubmitOutcome(status, text);
  }

  async queue(): Promise<QueueSnapshot> {
    const state = await this.getJson<{ queue_running: QueueItem[]; queue_pending: QueueItem[] }>('/queue');
    return { running: state.queue_running.map(toQueueEntry), pending: state.queue_pending.map(toQueueEntry) };
  }

  async history(promptId: string): Promise<HistoryEntry | undefined> {
    const entries = await this.getJson<Record<string, HistoryEntry>>(`/history/${encodeURIComponent(promptId)}`);
    return entries[promptId];
  }

  async deletePending(promptIds: string[]): Promise<void> {
    await this.post('/queue', { delete: promptIds });
  }

  async interrupt(promptId: string): Promise<void> {
    await this.post('/interrupt', { prompt_id: promptId });
  }

  async freeMemory(): Promise<void> {
    await this.post('/free', { unload_models: true, free_memory: true });
  }

  async deleteHistory(promptIds: string[]): Promise<void> {
    await this.post('/history', { delete: promptIds });
  }

  async uploadImage({ fileName, subfolder, bytes }: { fileName: string; subfolder: string; bytes: Buffer }) {
    const form = new FormData();
    form.set('image', new Blob([new Uint8Array(bytes)]), fileName);
    form.set('subfolder', subfolder);
    form.set('overwrite', 'true');
    const response = await this.send('POST', '/upload/image', form, this.timeouts.postTimeoutMs);
    await this.requireOk(response, '/upload/image');
    const stored = await readJson<{ name: string; subfolder: string }>(response, '/upload/image');
    return { filename: stored.name, subfolder: stored.subfolder, type: 'input' as const };
  }

  async view({ filename, subfolder, type }: FileReference) {
    const query = new URLSearchParams({ filename, subfolder, type }).toString();
    const response = await this.send('GET', `/view?${query}`);
    if (response.statusCode === 404) {
      await response.body.dump();
      return undefined;
    }
    await this.requireOk(response, '/view');
    const length = response.headers['content-length'];
    return { body: response.body, sizeBytes: length === undefined ? undefined : Number(length) };
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async getJson<T>(path: string): Promise<T> {
    const response = await this.send('GET', path);
    await this.requireOk(response, path);
    return readJson<T>(response, path);
  }

  private async post(path: string, body: unknown): Promise<void> {
    const response = await this.send('POST', path, body);
    await this.requireOk(response, path);
    await response.body.dump();
  }

  private async send(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    timeoutMs = this.timeouts.requestTimeoutMs,
  ): Promise<Dispatcher.ResponseData> {
    try {
      return await this.pool.request({
        method,
        path: this.prefix + path,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...encode(body),
      });
    } catch (error) {
      throw new UpstreamError(`The node did not answer ${path}: ${(error as Error).message}`, 'NODE_UNREACHABLE', {
        cause: error,
      });
    }
  }

  private async requireOk(response: Dispatcher.ResponseData, path: string): Promise<void> {
    if (response.statusCode < 300) return;
    await response.body.dump();
    throw new UpstreamError(`The node answered ${response.statusCode} to ${path}.`, 'NODE_ERROR');
  }
}

function encode(body: unknown): Pick<Dispatcher.RequestOptions, 'body' | 'headers'> {
  if (body === undefined) return {};
  if (body instanceof FormData) return { body };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

async function readText({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_TEXT_BYTES) throw new UpstreamError(`The node answered more than ${MOST_TEXT_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readJson<T>(response: Dispatcher.ResponseData, path: string): Promise<T> {
  try {
    return parseLenient(await readText(response)) as T;
  } catch (error) {
    throw new UpstreamError(`The node's answer to ${path} is not readable.`, 'NODE_UNREADABLE', { cause: error });
  }
}

/** 4xx: nothing was queued. 5xx: it may have been all the same (docs/comfyui-protocol.md, 3.1). */
function readSubmitOutcome(status: number, text: string): SubmitOutcome {
  if (status >= 500) return { kind: 'ambiguous', reason: `the node answered ${status}` };
  let body: {
    prompt_id?: unknown;
    node_errors?: NodeErrors;
    error?: { type?: string; message?: string; details?: string };
  };
  try {
    body = parseLenient(text) as typeof body;
  } catch {
    const message = text.trim().slice(0, 200) || `the node answered ${status}`;
    if (status >= 400) return { kind: 'refused', errorType: `http_${status}`, message, nodeErrors: {} };
    return { kind: 'ambiguous', reason: 'the answer was not readable' };
  }
  const nodeErrors = body.node_errors ?? {};
  if (status < 300 && typeof body.prompt_id === 'string')
    return { kind: 'accepted', promptId: body.prompt_id, nodeErrors };
  const { type = `http_${status}`, message = '', details = '' } = body.error ?? {};
  const words = [message, details].filter(Boolean).join(' ') || `the node answered ${status}`;
  return { kind: 'refused', errorType: type, message: words, nodeErrors };
}

function toQueueEntry(item: QueueItem): QueueEntry {
  return { promptId: String(item[1]), extraData: item[3] ?? {} };
}
