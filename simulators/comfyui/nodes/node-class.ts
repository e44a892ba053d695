import type { Link, PromptGraph } from '../protocol.js';
import type { ModelFolders } from '../simulator-options.js';
import type { Storage } from '../storage.js';

/** What the choices of an input may depend on. */
export interface Catalog {
  models: ModelFolders;
  storage: Storage;
}

type Choices = readonly string[];

export interface InputOptions {
  default?: unknown;
  min?: number;
  max?: number;
  /** The node gets the link itself and not the value behind it. */
  rawLink?: boolean;
  [more: string]: unknown;
}

/** An input as a class declares it: a type or a list of choices, which may depend on the node's files. */
export type InputSpec = readonly [type: string | Choices | ((catalog: Catalog) => Choices), options?: InputOptions];

/** An input as the server shows it. */
export type InputConfig = readonly [type: string | Choices, options: InputOptions];

/** What a node may answer instead of values: nodes that compute them, whose ids come from `childId`. */
export interface Expansion {
  graph: PromptGraph;
  /** Where each output of the node comes from. */
  result: Link[];
}

export interface NodeResult {
  /** One for each output. */
  values?: unknown[];
  /** What the client is shown; goes into `executed` and history. */
  ui?: Record<string, unknown>;
  /** Nodes to run in its place, instead of values. */
  expand?: Expansion;
}

/** What a running node may do to the world. */
export interface NodeContext {
  readonly storage: Storage;
  readonly stepMs: number;
  readonly modelLoadMs: number;
  readonly timeScale: number;
  readonly graph: PromptGraph;
  readonly extraData: Record<string, unknown>;
  /** The word that this node object made up when it was created. */
  readonly instanceName: string;
  /** An id for a node that this one expands into, such as `2.0.0.1` behind node 2. */
  readonly childId: (name: string) => string;
  wait(ms: number): Promise<void>;
  /** Loads a model, unless the node still has it. */
  loadModel(name: string): Promise<void>;
  /** Reports progress; throws if the prompt has been interrupted. The only place where a running node notices. */
  progress(value: number, max: number, previewJpeg?: Buffer): Promise<void>;
  progressText(text: string): void;
}

export interface NodeClass<Inputs = Record<string, unknown>> {
  name: string;
  displayName?: string;
  category: string;
  description?: string;
  pythonModule?: string;
  required: Record<string, InputSpec>;
  optional?: Record<string, InputSpec>;
  hidden?: Record<string, string>;
  output: readonly string[];
  outputNames?: readonly string[];
  outputNode?: boolean;
  /** Inputs the class checks itself: a complaint or undefined. Range and list checks leave them alone. */
  checks?: Record<string, (value: unknown, catalog: Catalog) => string | undefined>;
  /** What besides the inputs decides whether a cached result still holds (IS_CHANGED). */
  fingerprint?: (inputs: Inputs, catalog: Catalog) => Promise<string>;
  run(inputs: Inputs, context: NodeContext): Promise<NodeResult> | NodeResult;
}

export type NodeTable = ReadonlyMap<string, NodeClass>;

/** Lets a class state the types of its own inputs; validation has made sure of them before `run` is called. */
export function defineNode<Inputs>(nodeClass: NodeClass<Inputs>): NodeClass {
  return nodeClass as unknown as NodeClass;
}

export function inputConfig([type, options = {}]: InputSpec, catalog: Catalog): InputConfig {
  return [typeof type === 'function' ? type(catalog) : type, options];
}

/** Choices made of the files in a model folder. */
export const modelsIn =
  (folder: string) =>
  ({ models }: Catalog): Choices =>
    models[folder] ?? [];
