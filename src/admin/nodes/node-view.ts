import type { NodeBreaker } from './breaker.js';

export const NODE_STATUSES = ['online', 'offline', 'busy', 'error', 'maintenance'] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

/** What a node can run: its classes, and for each `Class.input` that names a model file, the files it offers. */
export interface NodeCapabilities {
  classes: string[];
  models: Record<string, string[]>;
}

/** A registered ComfyUI node, as the other parts of the application see it. */
export interface NodeView {
  nodeId: string;
  name: string;
  url: string;
  host: string;
  port: number;
  status: NodeStatus;
  /** Takes no new tasks, by an operator's wish. */
  isCordoned: boolean;
  /** It is being drained: no new tasks either, and what it still has at that time is given to others. */
  drainUntil: Date | undefined;
  currentLoad: number;
  /** What it was registered with and what load percentages refer to. */
  maxConcurrent: number;
  /** Undefined until the node was asked for the first time. */
  capabilities: NodeCapabilities | undefined;
  taskTypes: string[];
  metadata: Record<string, unknown>;
  version: string | undefined;
  lastHeartbeat: Date | undefined;
  lastError: string | undefined;
  /** In percent, 0 where unknown. */
  usage: { cpu: number; memory: number; gpu: number; gpuMemory: number };
  /** Whether it is kept from work, or from single workflows, after failures of its own. */
  breaker: NodeBreaker;
}

/** A3: what the dashboard's list of nodes reads. */
export interface NodeListItem {
  id: string;
  name: string;
  status: NodeStatus;
}

/** A6: a node of the cluster page. */
export interface ClusterNodeView {
  node_id: string;
  name: string;
  host: string;
  port: number;
  status: NodeStatus;
  load_percentage: number;
  current_load: number;
  max_concurrent: number;
  capabilities: string[];
  last_heartbeat: string | null;
  metadata: { gpu_model: string | null; location: string | null; gpu_memory_bytes: number | null };
  usage: { cpu: number; memory: number; gpu: number; gpu_memory: number };
  breaker: { is_open: boolean; open_workflows: string[]; reopens_at: string | null; reason: string | null };
  version: string | null;
  last_error: string | null;
}

export interface ClusterView {
  nodes: ClusterNodeView[];
  cluster_stats: { total_nodes: number; online_nodes: number; current_load: number; load_percentage: number };
}

export function toNodeListItem(node: NodeView): NodeListItem {
  return { id: node.nodeId, name: node.name, status: shownStatus(node) };
}

export function toClusterView(nodes: NodeView[]): ClusterView {
  const online = nodes.filter(({ status }) => status === 'online' || status === 'busy');
  const currentLoad = sum(online.map((node) => node.currentLoad));
  return {
    nodes: nodes.map(toClusterNodeView),
    cluster_stats: {
      total_nodes: nodes.length,
      online_nodes: online.length,
      current_load: currentLoad,
      load_percentage: percentage(currentLoad, sum(online.map((node) => node.maxConcurrent))),
    },
  };
}

export function toClusterNodeView(node: NodeView): ClusterNodeView {
  return {
    node_id: node.nodeId,
    name: node.name,
    host: node.host,
    port: node.port,
    status: shownStatus(node),
    load_percentage: percentage(node.currentLoad, node.maxConcurrent),
    current_load: node.currentLoad,
    max_concurrent: node.maxConcurrent,
    capabilities: node.taskTypes,
    last_heartbeat: node.lastHeartbeat?.toISOString() ?? null,
    metadata: {
      gpu_model: textOf(node.metadata.gpu_model),
      location: textOf(node.metadata.location),
      gpu_memory_bytes: numberOf(node.metadata.gpu_memory_bytes),
    },
    usage: toUsageView(node.usage),
    breaker: toBreakerView(node.breaker),
    version: node.version ?? null,
    last_error: node.lastError ?? null,
  };
}

function shownStatus({ isCordoned, drainUntil, status }: NodeView): NodeStatus {
  return isCordoned || drainUntil ? 'maintenance' : status;
}

function percentage(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 10;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function toUsageView({ cpu, memory, gpu, gpuMemory }: NodeView['usage']): ClusterNodeView['usage'] {
  return { cpu, memory, gpu, gpu_memory: gpuMemory };
}

function toBreakerView(breaker: NodeBreaker): ClusterNodeView['breaker'] {
  return {
    is_open: breaker.isOpen,
    open_workflows: breaker.openWorkflows,
    reopens_at: breaker.reopensAt?.toISOString() ?? null,
    reason: breaker.reason ?? null,
  };
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
