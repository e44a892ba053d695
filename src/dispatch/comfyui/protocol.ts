import type { PromptGraph } from '../../shared/index.js';

/** What a ComfyUI node sends, as far as we read it (0.3.64; unknown fields and frames are ignored). */

export interface SystemStats {
  system: { comfyui_version?: string; argv?: string[]; os?: string; ram_total?: number; ram_free?: number };
  /** None on a node without a card; on one that runs by the processor, its memory. */
  devices: { name: string; type: string; vram_total: number; vram_free: number }[];
}

/** Class → inputs; an input is `[type, options?]`, where a type that is an array lists the choices. */
export type ObjectInfo = Record<
  string,
  { input?: { required?: Record<string, unknown[]>; optional?: Record<string, unknown[]> }; output_node?: boolean }
>;

export interface QueueEntry {
  promptId: string;
  extraData: Record<string, unknown>;
}

export interface QueueSnapshot {
  running: QueueEntry[];
  pending: QueueEntry[];
}

export interface FileReference {
  filename: string;
  subfolder: string;
  type: 'output' | 'input' | 'temp';
}

export interface ExecutionError {
  node_id?: string;
  node_type?: string;
  exception_type?: string;
  exception_message?: string;
}

export interface HistoryEntry {
  /** `[number, id, graph, extra data, ids of the output nodes, …]`, after the node's coercion. */
  prompt?: unknown[];
  outputs: Record<string, Record<string, unknown>>;
  status: { status_str: string; completed: boolean; messages: [string, Record<string, unknown>][] } | null;
}

export interface NodeErrors {
  [nodeId: string]: { class_type: string; errors: { type: string; message: string; details: string }[] };
}

export interface PromptSubmission {
  prompt: PromptGraph;
  prompt_id: string;
  client_id: string;
  extra_data: Record<string, unknown>;
  /** Before all that waits. */
  front?: boolean;
}

/** `ambiguous`: the answer is unknown; the prompt may or may not be on the node (I12). */
export type SubmitOutcome =
  | { kind: 'accepted'; promptId: string; nodeErrors: NodeErrors }
  | { kind: 'refused'; errorType: string; message: string; nodeErrors: NodeErrors }
  | { kind: 'ambiguous'; reason: string };

/** How far each node of a running graph is, cumulative. */
export type ProgressState = Record<string, { value: number; max: number; state: string }>;

export type SocketFrame =
  | { type: 'progress_state'; promptId: string; nodes: ProgressState }
  | { type: 'started'; promptId: string }
  /** Anything else that the node tells of a running prompt: its worker lives. */
  | { type: 'alive'; promptId: string }
  /** The prompt is over, whatever the result, and its history entry exists. */
  | { type: 'ended'; promptId: string };
