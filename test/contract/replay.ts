import { request as httpRequest, type IncomingMessage } from 'node:http';
import net from 'node:net';
import { WebSocket } from 'ws';
import { waitFor } from '../support/wait-for.js';
import { bodyOf } from './request-body.js';
import { answerShape, FrameLog, parseLenient, type WireFrame } from './shapes.mjs';
import type { Stage } from './stage.js';
import type { RecordedRequest, Step, Transcript } from './transcript.js';

export interface Exchanged {
  /** The request, for the message of a failing test. */
  what: string;
  recorded: unknown;
  observed: unknown;
}

type PromptRequest = Record<string, unknown> & { client_id: string; prompt: Record<string, { inputs: object }> };

const temporaryName = /ComfyUI_temp_[a-z]{5}_/g;
const recordedTemporaryName = 'ComfyUI_temp_xxxxx_';

/** Does to a server what a recording did, at the same points of its course, and keeps what it answers. */
export class Replay {
  readonly exchanges: Exchanged[] = [];
  private readonly logs = new Map<string, FrameLog>();
  private readonly sockets = new Map<string, WebSocket>();
  private readonly deafSockets = new Map<string, net.Socket>();
  /** Ids and names that the server chose, by their names in the transcript. */
  private readonly chosen = new Map<string, string>();

  constructor(
    private readonly transcript: Transcript,
    private readonly stage: Stage,
  ) {}

  async run(): Promise<void> {
    for (const [index, step] of this.transcript.steps.entries()) {
      await this.reach(step);
      await this.stage.change(step);
      if (step.warmUp) await this.warmUp(step.warmUp, this.transcript.steps[index + 1]);
      if (step.connect) await this.connect(step.connect, step);
      if (step.disconnect) await this.disconnect(step.disconnect, step.isAbrupt ?? false);
      if (step.say) this.sockets.get(step.say)?.send(JSON.stringify(step.message));
      if (step.request) await this.exchange(step.request, step);
      if (step.heard) this.compareHeard(step.heard);
    }
    const { frames } = this.transcript;
    const ended = () =>
      Object.entries(frames).every(([client, labels]) => this.logOf(client).labels.length >= labels.length);
    // Too few frames are no reason to stop here: the comparison shows which.
    await waitFor(ended, { timeoutMs: 5_000, what: 'the last frame' }).catch(() => undefined);
    await this.stage.rest();
  }

  frames(): Record<string, string[]> {
    return this.byClient((log) => log.labels.map((label) => this.inRecordedNames(label)));
  }

  remaining(): Record<string, number[]> {
    return this.byClient((log) => log.remaining);
  }

  keys(): Transcript['keys'] {
    return this.byClient((log) => log.keys);
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.terminate();
    for (const socket of this.deafSockets.values()) socket.destroy();
  }

  private async reach({ awaits, rests, note, request }: Step): Promise<void> {
    const what = `the frames before ${note ?? request?.path}`;
    for (const [client, mark] of Object.entries(awaits))
      await waitFor(() => this.logOf(client).hasReached(mark), { what });
    if (rests) await this.stage.rest();
  }

  /** Prompts that ran before the recorded one; every one must be in the history once its end is announced. */
  private async warmUp(count: number, next: Step | undefined): Promise<void> {
    const recorded = next?.request?.json as PromptRequest;
    const [client] = this.logs.keys();
    if (client === undefined) throw new Error('Nobody is connected');
    let present = 0;
    for (let index = 0; index < count; index++) {
      const prompt = structuredClone(recorded.prompt);
      for (const { inputs } of Object.values(prompt)) if ('color' in inputs) inputs.color = index;
      const promptId = `warm-up-${index}`;
      const body = JSON.stringify({ prompt, prompt_id: promptId, client_id: recorded.client_id });
      await fetch(`${this.stage.url}/prompt`, { method: 'POST', body });
      await waitFor(() => this.logOf(client).labels.includes(`executing ${promptId} null`), { everyMs: 2 });
      const history = (await (await fetch(`${this.stage.url}/history/${promptId}`)).json()) as object;
      if (promptId in history) present += 1;
    }
    this.exchanges.push({ what: 'history after executing null', recorded: count, observed: present });
    this.logs.set(client, new FrameLog());
    this.stage.armLateHistory();
  }

  private async connect(client: string, { path = '/ws', isDeaf }: Step): Promise<void> {
    const url = `${this.stage.url}${path}`;
    if (isDeaf) return void this.deafSockets.set(client, await openDeafSocket(url));
    this.logOf(client).reopen();
    const socket = new WebSocket(url);
    this.sockets.set(client, socket);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      const log = this.logOf(client);
      if (isBinary) log.addBinary(data.readUInt32BE(0));
      else log.addText(parseLenient(data.toString()) as WireFrame, isStrictJson(data.toString()));
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  }

  private async disconnect(client: string, isAbrupt: boolean): Promise<void> {
    const deaf = this.deafSockets.get(client);
    if (deaf) return void deaf.destroy();
    const socket = this.sockets.get(client);
    if (!socket) throw new Error(`${client} has no socket`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (isAbrupt) socket.terminate();
    else socket.close();
    await closed;
  }

  private async exchange(request: RecordedRequest, { note, answer, isUnrecorded }: Step): Promise<void> {
    const observed = await this.observe(request, answer).catch((thrown: unknown) => {
      if (isConnectionError(thrown)) return 'no connection';
      throw thrown;
    });
    const what = `${request.method} ${request.path} (${note ?? ''})`;
    if (!isUnrecorded) this.exchanges.push({ what, recorded: answer, observed });
  }

  private async observe(request: RecordedRequest, recorded: unknown): Promise<unknown> {
    const url = `${this.stage.url}${this.inServerNames(request.path)}`;
    const answer = await send(url, request);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const contentType = answer.headers.get('content-type') ?? '';
    const isJson = contentType.startsWith('application/json');
    if (isJson) this.learnNames(bytes.toString(), recorded);
    const text = this.inRecordedNames(bytes.toString());
    const isText = contentType.startsWith('text/') || bytes.length === 0;
    const body = isJson ? { json: parseLenient(text) } : isText ? { text } : { bytes: bytes.toString('hex', 0, 3) };
    const headers = Object.fromEntries(answer.headers);
    return answerShape(request, { status: answer.status, headers, ...body });
  }

  private compareHeard({ client, frames }: NonNullable<Step['heard']>): void {
    const observed = this.logOf(client).labels.length;
    this.exchanges.push({ what: `frames that ${client} has heard`, recorded: frames, observed });
  }

  /** Takes over what the server made up: the id of a prompt sent without one, the name of a preview. */
  private learnNames(text: string, recorded: unknown): void {
    const promptId = (parseLenient(text) as { prompt_id?: string }).prompt_id;
    const recordedId = (recorded as { json?: { prompt_id?: string } } | undefined)?.json?.prompt_id;
    if (promptId && recordedId) this.chosen.set(recordedId, promptId);
    const [temporary] = text.match(temporaryName) ?? [];
    if (temporary) this.chosen.set(recordedTemporaryName, temporary);
  }

  private inServerNames(text: string): string {
    return [...this.chosen].reduce((result, [recorded, actual]) => result.replaceAll(recorded, actual), text);
  }

  private inRecordedNames(text: string): string {
    const named = [...this.chosen].reduce((result, [recorded, actual]) => result.replaceAll(actual, recorded), text);
    return named.replaceAll(temporaryName, recordedTemporaryName);
  }

  private logOf(client: string): FrameLog {
    const log = this.logs.get(client) ?? new FrameLog();
    this.logs.set(client, log);
    return log;
  }

  private byClient<T>(part: (log: FrameLog) => T): Record<string, T> {
    return Object.fromEntries([...this.logs].map(([client, log]) => [client, part(log)]));
  }
}

/**
 * Asks over a connection of its own: one that is kept alive may have been cut by the death of a server. Unlike fetch it
 * lets a recording name another host.
 */
async function send(url: string, recorded: RecordedRequest): Promise<Response> {
  const { host } = new URL(url);
  const given = Object.entries(recorded.headers ?? {}).map(([name, value]) => [name, value.replace('{host}', host)]);
  const encoded = new Response((await bodyOf(recorded)) ?? null);
  const body = Buffer.from(await encoded.arrayBuffer());
  const headers = {
    ...Object.fromEntries(encoded.headers),
    'content-length': body.length,
    ...Object.fromEntries(given),
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { method: recorded.method, headers, agent: false };
    httpRequest(url, options, resolve).on('error', reject).end(body);
  });
  const names = Object.entries(answer.headersDistinct).map(([name, values = []]): [string, string] => [
    name,
    values.join(),
  ]);
  const status = answer.statusCode ?? 0;
  return new Response(Buffer.concat((await answer.toArray()) as Buffer[]), { status, headers: names });
}

/** A client of the lowest level that opens a websocket and then reads nothing any more. */
async function openDeafSocket(url: string): Promise<net.Socket> {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  const key = Buffer.alloc(16).toString('base64');
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
  ];
  socket.write([`GET ${pathname}${search} HTTP/1.1`, `Host: ${hostname}:${port}`, ...upgrade, '', ''].join('\r\n'));
  await new Promise((resolve) => socket.once('data', resolve));
  return socket.pause();
}

function isStrictJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Nobody listens there. Any other failure to get an answer is an error of the replay. */
function isConnectionError(thrown: unknown): boolean {
  return (thrown as { code?: string }).code === 'ECONNREFUSED';
}
