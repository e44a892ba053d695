/** The shapes that ComfyUI 0.3.64 speaks on the wire. Field names are the server's, hence snake case. */
export type NodeId = string;

/** A node's input that takes its value from another node: its id and the index of its output. */
export type Link = [NodeId, number];

export interface PromptNode {
  class_type: string;
  inputs: Record<string, unknown>;
  _meta?: { title?: string };
}

export type PromptGraph = Record<NodeId, PromptNode>;

export type QueueItem = [
  number: number,
  promptId: string,
  graph: PromptGraph,
  extraData: Record<string, unknown>,
  outputNodeIds: NodeId[],
];

export interface ErrorInfo {
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}

export interface NodeErrors {
  class_type: string;
  dependent_outputs: NodeId[];
  errors: ErrorInfo[];
}

export type FolderType = 'output' | 'input' | 'temp';

export interface FileReference {
  filename: string;
  subfolder: string;
  type: FolderType;
}

export type StatusMessage = [type: string, data: Record<string, unknown>];

export interface HistoryEntry {
  prompt: QueueItem;
  outputs: Record<NodeId, Record<string, unknown>>;
  status: { status_str: 'success' | 'error'; completed: boolean; messages: StatusMessage[] };
  meta: Record<NodeId, { node_id: NodeId; display_node: NodeId; parent_node: NodeId | null; real_node_id: NodeId }>;
}

/** Whether the server takes an input value for a link: every JSON array is one. */
export function isLink(value: unknown): value is Link {
  return Array.isArray(value);
}
