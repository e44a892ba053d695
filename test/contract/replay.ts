import sharp from 'sharp';
import { WebSocket } from 'ws';
import { waitFor } from '../support/wait-for.js';
import { answerShape, FrameLog, type FrameMark, parseLenient, type WireFrame } from './shapes.mjs';

interface UploadPart {
  filename: string;
  /** Parts with the same word have the same bytes. */
  content: string;
}

interface RecordedRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  json?: Record<string, unknown>;
  text?: string;
  form?: Record<string, string | UploadPart>;
}

/** One thing the recording client did, after it had seen what `awaits` says. */
interface Step {
  awaits: Record<string, FrameMark>;
  /** The recording waited here until the server was idle. */
  rests?: boolean;
  note?: string;
  connect?: string;
  path?: string;
  disconnect?: string;
  isAbrupt?: boolean;
  say?: string;
  message?: unknown;
  request?: RecordedRequest;
  answer?: unknown;
}

export interface Transcript {
  scenario: string;
  about: string;
  steps: Step[];
  frames: Record<string, string[]>;
  remaining: Record<string, number[]>;
}

export interface Exchanged {
  /** The request, for the message of a failing test. */
  what: string;
  recorded: unknown;
  observed: unknown;
}

const temporaryName = /ComfyUI_temp_[a-z]{5}_/g;
const recordedTemporaryName = 'ComfyUI_temp_xxxxx_';

/** Does to a server what a recording did, at the same points of its course, and keeps what it answers. */
export class Replay {
  readonly exchanges: Exchanged[] = [];
  private readonly logs = new Map<string, FrameLog>();
  private readonly sockets = new Map<string, WebSocket>();
  /** Ids and names that the server chose, by their names in the transcript. */
  private readonly chosen = new Map<string, string>();

  constructor(
    private readonly transcript: Transcript,
    private readonly url: string,
  ) {}

  async run(): Promise<void> {
    for (const step of this.transcript.steps) {
      await this.reach(step);
      if (step.connect) await this.connect(step.connect, step.path ?? '/ws');
      if (step.disconnect) await this.disconnect(step.disconnect, step.isAbrupt ?? false);
      if (step.say) this.sockets.get(step.say)?.send(JSON.stringify(step.message));
      if (step.request) await this.exchange(step.request, step);
    }
    const { frames } = this.transcript;
    const ended = () =>
      Object.entries(frames).every(([client, labels]) => this.logOf(client).labels.length >= labels.length);
    // Too few frames are no reason to stop here: the comparison shows which.
    await waitFor(ended, { timeoutMs: 5_000, what: 'the last frame' }).catch(() => undefined);
    await this.rest();
  }

  frames(): Record<string, string[]> {
    return this.byClient((log) => log.labels.map((label) => this.inRecordedNames(label)));
  }

  remaining(): Record<string, number[]> {
    return this.byClient((log) => log.remaining);
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.terminate();
  }

  private async reach({ awaits, rests, note, request }: Step): Promise<void> {
    const what = `the frames before ${note ?? request?.path}`;
    for (const [client, mark] of Object.entries(awaits))
      await waitFor(() => this.logOf(client).hasReached(mark), { what });
    if (rests) await this.rest();
  }

  private async rest(): Promise<void> {
    const isIdle = async () => {
      const answer = await fetch(`${this.url}/prompt`);
      const { exec_info } = (await answer.json()) as { exec_info: { queue_remaining: number } };
      return exec_info.queue_remaining === 0;
    };
    await waitFor(isIdle, { what: 'an idle server' });
  }

  private async connect(client: string, path: string): Promise<void> {
    const log = this.logOf(client);
    const socket = new WebSocket(`${this.url}${path}`);
    this.sockets.set(client, socket);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) log.addBinary(data.readUInt32BE(0));
      else log.addText(parseLenient(data.toString()) as WireFrame);
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  }

  private async disconnect(client: string, isAbrupt: boolean): Promise<void> {
    const socket = this.sockets.get(client);
    if (!socket) throw new Error(`${client} has no socket`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (isAbrupt) socket.terminate();
    else socket.close();
    await closed;
  }

  private async exchange(request: RecordedRequest, { note, answer: recorded }: Step): Promise<void> {
    const answer = await fetch(`${this.url}${this.inServerNames(request.path)}`, {
      method: request.method,
      headers: request.headers,
      body: await bodyOf(request),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const contentType = answer.headers.get('content-type') ?? '';
    const isJson = contentType.startsWith('application/json');
    if (isJson) this.learnNames(bytes.toString(), recorded);
    const text = this.inRecordedNames(bytes.toString());
    const isText = contentType.startsWith('text/') || bytes.length === 0;
    const body = isJson ? { json: parseLenient(text) } : isText ? { text } : { bytes: bytes.toString('hex', 0, 3) };
    const headers = Object.fromEntries(answer.headers);
    const observed = answerShape(request, { status: answer.status, headers, ...body });
    this.exchanges.push({ what: `${request.method} ${request.path} (${note ?? ''})`, recorded, observed });
  }

  /** Takes over what the server made up: the id of a prompt sent without one, the name of a preview. */
  private learnNames(text: string, recorded: unknown): void {
    const promptId = (parseLenient(text) as { prompt_id?: string }).prompt_id;
    const recordedId = (recorded as { json: { prompt_id?: string } }).json.prompt_id;
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

async function bodyOf({ json, text, form }: RecordedRequest): Promise<string | FormData | undefined> {
  if (json) return JSON.stringify(json);
  if (!form) return text;
  const data = new FormData();
  for (const [name, part] of Object.entries(form)) {
    if (typeof part === 'string') data.append(name, part);
    else data.append(name, new Blob([await picture(part.content)], { type: 'image/png' }), part.filename);
  }
  return data;
}

/** A small picture, another one for each word; the mask has an alpha channel. */
async function picture(content: string): Promise<Uint8Array<ArrayBuffer>> {
  const colors: Record<string, string> = { first: '#ff0000', other: '#00ff00', mask: '#0000ff80' };
  const background = colors[content];
  if (!background) throw new Error(`No picture is known for ${content}`);
  const channels = content === 'mask' ? 4 : 3;
  return new Uint8Array(
    await sharp({ create: { width: 32, height: 24, channels, background } })
      .png()
      .toBuffer(),
  );
}
