import type { ParameterType, PromptGraph, WorkflowDefinition } from '../../shared/index.js';

/** An input of the graph that a parameter could set. */
export interface SuggestedInput {
  node_id: string;
  class_type: string;
  title: string | null;
  input_name: string;
  value: unknown;
  type: ParameterType;
  /** What such a parameter is called elsewhere: routes and pages know these names. */
  suggested_name: string | null;
  /** The parameter that sets it already. */
  parameter: string | null;
  /** Files that nodes offer there. */
  choices: string[];
}

const NAMES: Record<string, string> = {
  seed: 'seed',
  noise_seed: 'seed',
  width: 'width',
  height: 'height',
  steps: 'steps',
  cfg: 'cfg_scale',
  sampler_name: 'sampler',
  scheduler: 'scheduler',
  ckpt_name: 'checkpoint',
  batch_size: 'batch_size',
};

/** All inputs that hold a value of their own, in the order of the graph; links and file prefixes are not to be set. */
export function suggestInputs(
  { graph, parameters }: Pick<WorkflowDefinition, 'graph' | 'parameters'>,
  choices: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): SuggestedInput[] {
  const mapped = new Map(parameters.map(({ nodeId, inputName, name }) => [`${nodeId}\n${inputName}`, name]));
  const texts = findPromptNodes(graph);
  return Object.entries(graph).flatMap(([id, { class_type: className, inputs, _meta }]) =>
    Object.entries(inputs)
      .filter(([input, value]) => !Array.isArray(value) && input !== 'filename_prefix')
      .map(([input, value]) => ({
        node_id: id,
        class_type: className,
        title: typeof _meta?.title === 'string' ? _meta.title : null,
        input_name: input,
        value,
        type: guessType(input, value),
        suggested_name: suggestName(className, input, texts.get(id)),
        parameter: mapped.get(`${id}\n${input}`) ?? null,
        choices: [...(choices.get(`${className}.${input}`) ?? [])].sort(),
      })),
  );
}

/** 7 may be a whole number or 7.0: names decide where they are known. */
function guessType(input: string, value: unknown): ParameterType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value !== 'number') return 'json';
  return Number.isInteger(value) && !/^(cfg|denoise|strength\w*|scale\w*|shift)$/.test(input) ? 'int' : 'float';
}

function suggestName(className: string, input: string, text: string | undefined): string | null {
  if (className === 'LoadImage' && input === 'image') return 'image';
  if (input === 'text' && text) return text;
  return NAMES[input] ?? null;
}

/** The nodes whose text a sampler takes as positive and as negative. */
function findPromptNodes(graph: PromptGraph): Map<string, string> {
  const found = new Map<string, string>();
  for (const { inputs } of Object.values(graph)) {
    for (const [input, name] of [
      ['negative', 'negative_prompt'],
      ['positive', 'prompt'],
    ] as const) {
      const link = inputs[input];
      if (Array.isArray(link)) found.set(String(link[0]), name);
    }
  }
  return found;
}
