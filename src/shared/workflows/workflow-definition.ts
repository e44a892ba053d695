import type { ParameterType, TaskType } from '../tasks/task-events.js';

/** Outbox topic of a published version, admin → shared → client. */
export const WORKFLOW_PUBLISHED = 'workflow.published';

/** The parameter through which image_to_video takes its user's picture. */
export const PICTURE_PARAMETER = 'image';

/** A graph in ComfyUI's API format: node id → class and inputs; `[nodeId, slot]` as an input is a link. */
export type PromptGraph = Record<string, GraphNode>;

export interface GraphNode {
  class_type: string;
  inputs: Record<string, unknown>;
  _meta?: { title?: string };
}

export interface WorkflowParameterDefinition {
  name: string;
  /** Where its value goes: an input of a node of the graph. */
  nodeId: string;
  inputName: string;
  type: ParameterType;
  /** The template's own default; absent: what the graph holds at that input. */
  defaultValue?: unknown;
  description: string;
  /** Whether a submit may set it. */
  isOpenToClients: boolean;
  /** What a number may be, ends included; the values that alone are taken. Left out where nothing is said. */
  min?: number;
  max?: number;
  options?: (string | number)[];
  /** A submit must name it. */
  isRequired?: boolean;
  displayName?: string;
}

/** What a published version holds, whole: nobody needs the admin database to run it. */
export interface WorkflowDefinition {
  name: string;
  displayName: string;
  taskType: TaskType;
  /** The author's own version label; the published number counts apart from it. */
  versionLabel: string;
  description: string;
  graph: PromptGraph;
  parameters: WorkflowParameterDefinition[];
  estimatedTimeSeconds: number;
  /** Of all users, on all nodes; 0: as many as the nodes take. */
  maxConcurrentTasks: number;
  isEnabled: boolean;
}

/** An immutable, numbered snapshot; the highest number is the one that new tasks take (a rollback is a publish). */
export interface PublishedWorkflow {
  workflowName: string;
  version: number;
  /** SHA-256 of the canonical definition: the same number with another hash is refused (I21). */
  contentHash: string;
  definition: WorkflowDefinition;
  /** ISO-8601, UTC. */
  publishedAt: string;
}
