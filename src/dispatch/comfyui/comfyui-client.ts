import type { Readable } from 'node:stream';
import type {
  FileReference,
  HistoryEntry,
  ObjectInfo,
  PromptSubmission,
  QueueSnapshot,
  SocketFrame,
  SubmitOutcome,
  SystemStats,
} from './protocol.js';

/** What a node session needs of a ComfyUI node; failures of the network are UpstreamErrors. */
export interface ComfyUiClient {
  systemStats(): Promise<SystemStats>;
  objectInfo(): Promise<ObjectInfo>;
  /** Never throws for what a POST can end as: a lost answer is an outcome, too. */
  submit(submission: PromptSubmission): Promise<SubmitOutcome>;
  queue(): Promise<QueueSnapshot>;
  history(promptId: string): Promise<HistoryEntry | undefined>;
  deletePending(promptIds: string[]): Promise<void>;
  /** Only if that prompt is running (nodes from 0.3.57 on). */
  interrupt(promptId: string): Promise<void>;
  /** Makes room on the graphics card: models and cached results go, after the running prompt. */
  freeMemory(): Promise<void>;
  deleteHistory(promptIds: string[]): Promise<void>;
  /** Puts a picture among the node's inputs, in the place of one of that name; the answer tells where it went. */
  uploadImage(image: { fileName: string; subfolder: string; bytes: Buffer }): Promise<FileReference>;
  /** The bytes of an output and their length as announced; undefined where the node has no such file. */
  view(file: FileReference): Promise<{ body: Readable; sizeBytes: number | undefined } | undefined>;
  close(): Promise<void>;
}

export interface ComfyUiSocketEvents {
  onFrame(frame: SocketFrame): void;
  /** Connected and registered at the node; events between the sockets are gone: look at queue and history. */
  onConnected(): void;
  onLost(): void;
}

/** The node's event stream under our client id. Reconnects by itself until it is closed. */
export interface ComfyUiSocket {
  readonly isConnected: boolean;
  /** For a stream that looks open and says nothing: ends it and opens another. */
  reconnect(): void;
  close(): void;
}

export interface ComfyUiConnector {
  connect(url: string): ComfyUiClient;
  openSocket(url: string, clientId: string, events: ComfyUiSocketEvents): ComfyUiSocket;
}

/** The injection token of the connector to nodes. */
export const COMFYUI_CONNECTOR = Symbol('comfyui connector');
