import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { toPythonJson } from './python-json.js';

/** Binary event types of the protocol. */
const previewImage = 1;
const textEvent = 3;
const previewImageWithMetadata = 4;
const jpegFormat = 1;

const goingAway = 1001;
const goodbyeMs = 500;
const maxFrameBytes = 4 * 1024 ** 2;
/** Above this much unsent data the real server waits for the socket to drain. */
const highWaterBytes = 64 * 1024;

interface Questions {
  remaining(): number;
  /** The node that runs now for this client. */
  currentNode(clientId: string): string | undefined;
  features(): Record<string, unknown>;
}

interface Client {
  socket: WebSocket;
  wantsPreviewMetadata: boolean;
}

/** The websockets of one server life, and who hears what: one socket per client id, the latest. */
export class Sockets {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  private readonly clients = new Map<string, Client>();
  /** Frames behind one that some client does not take. One queue for all clients, as on the real server. */
  private readonly waiting: { frame: string | Buffer; clientId: string | undefined }[] = [];
  private readonly stalled = new Set<WebSocket>();

  constructor(
    private readonly ask: Questions,
    private readonly staleSocketTrap: boolean,
  ) {}

  accept(request: IncomingMessage, connection: Duplex, head: Buffer, clientId: string | null): void {
    this.server.handleUpgrade(request, connection, head, (socket) => this.register(socket, clientId || randomUUID()));
  }

  /** To one client, or to everybody if the prompt has no owner. */
  send(type: string, data: Record<string, unknown>, clientId?: string): void {
    this.post(toPythonJson({ type, data }), clientId);
  }

  sendStatus(): void {
    this.send('status', this.status());
  }

  sendText(nodeId: string, text: string, clientId?: string): void {
    const id = Buffer.from(nodeId);
    this.sendBinary([uint32(textEvent), uint32(id.length), id, Buffer.from(text)], clientId);
  }

  /** Clients that announced it get the preview with metadata and before the progress frame; others after it, without. */
  sendPreview(jpeg: Buffer, metadata: object, sendProgress: () => void, clientId?: string): void {
    const wantsMetadata = clientId !== undefined && this.clients.get(clientId)?.wantsPreviewMetadata;
    if (wantsMetadata) {
      const json = Buffer.from(JSON.stringify(metadata));
      this.sendBinary([uint32(previewImageWithMetadata), uint32(json.length), json, jpeg], clientId);
    }
    sendProgress();
    if (!wantsMetadata) this.sendBinary([uint32(previewImage), uint32(jpegFormat), jpeg], clientId);
  }

  /** Cuts every connection without a closing frame. */
  terminateAll(): void {
    for (const socket of this.server.clients) socket.terminate();
  }

  /** Forgets who listens, as the stale-socket trap does: the sockets stay open and hear nothing more. */
  deafenAll(): void {
    this.clients.clear();
  }

  /** Stops reading and sending, and closes nothing: pings stay without an answer. */
  cutOffAll(): void {
    this.clients.clear();
    for (const socket of this.server.clients) socket.pause();
  }

  /** Says good-bye; who does not answer soon is cut. */
  closeAll(): void {
    for (const socket of this.server.clients) {
      const patience = setTimeout(() => socket.terminate(), goodbyeMs);
      socket.once('close', () => clearTimeout(patience));
      socket.close(goingAway);
    }
    this.server.close();
  }

  private register(socket: WebSocket, clientId: string): void {
    const client: Client = { socket, wantsPreviewMetadata: false };
    this.clients.set(clientId, client);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      // The real server drops the entry without looking whose it is: the client's newer socket goes deaf.
      this.resume(socket);
      if (this.staleSocketTrap || this.clients.get(clientId) === client) this.clients.delete(clientId);
    });
    socket.once('message', (data, isBinary) => this.negotiate(client, data, isBinary));
    // The greeting does not go through the queue.
    socket.send(toPythonJson({ type: 'status', data: { ...this.status(), sid: clientId } }));
    const node = this.ask.currentNode(clientId);
    if (node !== undefined) socket.send(toPythonJson({ type: 'executing', data: { node } }));
  }

  private negotiate(client: Client, data: RawData, isBinary: boolean): void {
    if (isBinary) return;
    const announced = featureFlags((data as Buffer).toString());
    if (!announced) return;
    client.wantsPreviewMetadata = announced.supports_preview_metadata === true;
    client.socket.send(JSON.stringify({ type: 'feature_flags', data: this.ask.features() }));
  }

  private sendBinary(parts: Buffer[], clientId?: string): void {
    this.post(Buffer.concat(parts), clientId);
  }

  private post(frame: string | Buffer, clientId: string | undefined): void {
    this.waiting.push({ frame, clientId });
    this.sendWaiting();
  }

  /** Who hears a frame is decided when its turn comes. */
  private sendWaiting(): void {
    while (this.stalled.size === 0) {
      const next = this.waiting.shift();
      if (!next) return;
      for (const { socket } of this.audience(next.clientId)) {
        socket.send(next.frame, () => this.resume(socket));
        if (socket.bufferedAmount > highWaterBytes) this.stalled.add(socket);
      }
    }
  }

  private resume(socket: WebSocket): void {
    if (this.stalled.delete(socket)) this.sendWaiting();
  }

  private audience(clientId: string | undefined): Client[] {
    if (clientId === undefined) return [...this.clients.values()];
    const client = this.clients.get(clientId);
    return client ? [client] : [];
  }

  private status(): Record<string, unknown> {
    return { status: { exec_info: { queue_remaining: this.ask.remaining() } } };
  }
}

function featureFlags(text: string): Record<string, unknown> | undefined {
  try {
    const message = JSON.parse(text) as { type?: unknown; data?: Record<string, unknown> } | null;
    return message?.type === 'feature_flags' ? (message.data ?? {}) : undefined;
  } catch {
    return undefined;
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
