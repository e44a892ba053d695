import { WebSocket, type RawData } from 'ws';
import type { ComfyUiSocket, ComfyUiSocketEvents } from './comfyui-client.js';
import { parseLenient } from './lenient-json.js';
import type { ProgressState, SocketFrame } from './protocol.js';

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
/** The server sends no pings: without ours a half-open connection looks like a quiet one for ever. */
const PING_MS = 10_000;

/**
 * A node's event stream that comes back by itself. The old socket is destroyed before a new one is opened: when an
 * old one ends late, the server would deregister the new one (docs/comfyui-protocol.md, 4.5).
 */
export class ReconnectingSocket implements ComfyUiSocket {
  private socket: WebSocket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private delayMs = FIRST_DELAY_MS;
  private isClosed = false;
  private isAlive = false;
  isConnected = false;

  constructor(
    private readonly url: string,
    private readonly clientId: string,
    private readonly events: ComfyUiSocketEvents,
  ) {
    this.open();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket?.terminate();
  }

  /** The server may have forgotten an open socket, as it does when an older one of the same id ends late. */
  reconnect(): void {
    this.socket?.terminate();
  }

  private open(): void {
    const address = `${this.url.replace(/^http/, 'ws').replace(/\/$/, '')}/ws?clientId=${encodeURIComponent(this.clientId)}`;
    const socket = new WebSocket(address, { handshakeTimeout: 5_000, maxPayload: 256 * 1024 * 1024 });
    this.socket = socket;
    // From the opening on: a server that never registers us is as dead as one that went silent.
    socket.on('open', () => this.watch());
    socket.on('message', (data, isBinary) => this.read(data, isBinary));
    socket.on('pong', () => (this.isAlive = true));
    // The close event that follows every error is where we act.
    socket.on('error', () => undefined);
    socket.on('close', () => this.onClose());
  }

  private read(data: RawData, isBinary: boolean): void {
    this.isAlive = true;
    if (isBinary) return;
    const message = parseMessage(data);
    if (!message) return;
    // Only the first status carries `sid`: it proves that the node has registered us.
    if (message.type === 'status' && message.data.sid !== undefined) return this.onRegistered();
    const frame = toFrame(message);
    if (frame) this.events.onFrame(frame);
  }

  private onRegistered(): void {
    this.isConnected = true;
    this.delayMs = FIRST_DELAY_MS;
    this.events.onConnected();
  }

  private watch(): void {
    clearTimeout(this.timer);
    this.isAlive = false;
    this.socket?.ping();
    this.timer = setTimeout(() => (this.isAlive ? this.watch() : this.socket?.terminate()), PING_MS);
    this.timer.unref();
  }

  private onClose(): void {
    clearTimeout(this.timer);
    const wasConnected = this.isConnected;
    this.isConnected = false;
    if (this.isClosed) return;
    if (wasConnected) this.events.onLost();
    this.timer = setTimeout(() => this.open(), this.delayMs);
    this.timer.unref();
    this.delayMs = Math.min(LONGEST_DELAY_MS, this.delayMs * 2);
  }
}

interface Message {
  type: string;
  data: Record<string, unknown>;
}

/** A frame that cannot be read must not end the connection: it is dropped, polling tells the truth anyway. */
function parseMessage(data: RawData): Message | undefined {
  try {
    const message = parseLenient(rawText(data)) as Message;
    return typeof message?.type === 'string' && typeof message.data === 'object' && message.data ? message : undefined;
  } catch {
    return undefined;
  }
}

function rawText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}

function toFrame({ type, data }: Message): SocketFrame | undefined {
  const promptId = data.prompt_id;
  if (typeof promptId !== 'string') return undefined;
  if (type === 'execution_start') return { type: 'started', promptId };
  if (type === 'executing' && data.node === null) return { type: 'ended', promptId };
  if (type === 'progress_state') return { type, promptId, nodes: (data.nodes ?? {}) as ProgressState };
  return { type: 'alive', promptId };
}
