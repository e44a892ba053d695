import { isModelFile } from '../../shared/index.js';
import type { NodeView } from '../nodes/node-view.js';

export const MODEL_TYPES = ['checkpoint', 'lora', 'vae', 'controlnet', 'embedding'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/** A file of models, under the one spelling that all nodes share. */
export interface ModelFile {
  type: ModelType;
  /** With `/`, whatever the node's system writes. */
  path: string;
}

export interface SeenModel extends ModelFile {
  nodeIds: string[];
}

/** Which inputs of loaders name which kind of file; whole diffusion models load as checkpoints do. */
const TYPES: Record<string, ModelType> = {
  ckpt_name: 'checkpoint',
  unet_name: 'checkpoint',
  lora_name: 'lora',
  vae_name: 'vae',
  control_net_name: 'controlnet',
};

/** What the column of paths holds. */
const LONGEST_PATH = 500;

/** The file that is named at `Class.input`; undefined: not of a kind that is listed. */
export function toModelFile(input: string, file: string): ModelFile | undefined {
  const type = TYPES[input.split('.').at(-1)!];
  const path = file.replaceAll('\\', '/');
  return type && isModelFile(path) && path.length <= LONGEST_PATH ? { type, path } : undefined;
}

export function keyOf({ type, path }: ModelFile): string {
  return `${type}:${path.replaceAll('\\', '/')}`;
}

/** What nodes said they have, by `keyOf`; also those that are away now. */
export function collectSeen(nodes: Pick<NodeView, 'nodeId' | 'capabilities'>[]): Map<string, SeenModel> {
  const seen = new Map<string, SeenModel>();
  for (const { nodeId, capabilities } of nodes) {
    for (const model of listFiles(capabilities)) {
      const known = seen.get(keyOf(model)) ?? { ...model, nodeIds: [] };
      if (known.nodeIds.at(-1) !== nodeId) known.nodeIds.push(nodeId);
      seen.set(keyOf(model), known);
    }
  }
  return seen;
}

function listFiles(capabilities: NodeView['capabilities']): ModelFile[] {
  const inputs = Object.entries(capabilities?.models ?? {});
  return inputs.flatMap(([input, files]) => files.flatMap((file) => toModelFile(input, file) ?? []));
}
