import type { WorkflowDefinition } from './workflow-definition.js';

/** What a node can run: its classes, and for each `Class.input` that names a model file, the files it offers. */
export interface Capabilities {
  classes: string[];
  models: Record<string, string[]>;
}

/** What a task asks of a node. */
export interface Requirement {
  classes: string[];
  /** `Class.input` → the file that the graph names there. */
  models: Record<string, string>;
}

const MODEL_FILE = /\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/i;

/** Lists of choices hold words beside files (`None`, `pixel_space`). */
export function isModelFile(name: string): boolean {
  return MODEL_FILE.test(name);
}

/** What a workflow asks for, with the model that a task puts in the place of the template's. */
export function requirementOf(definition: WorkflowDefinition, modelName: string | null): Requirement {
  const models: Record<string, string> = {};
  const checkpoint = definition.parameters.find(({ name }) => name === 'checkpoint');
  for (const [nodeId, node] of Object.entries(definition.graph)) {
    for (const [input, value] of Object.entries(node.inputs)) {
      const isCheckpoint = checkpoint?.nodeId === nodeId && checkpoint.inputName === input;
      const file = isCheckpoint && modelName ? modelName : value;
      if (typeof file === 'string' && isModelFile(file)) models[`${node.class_type}.${input}`] = file;
    }
  }
  const classes = [...new Set(Object.values(definition.graph).map((node) => node.class_type))];
  return { classes, models };
}

/** What keeps a node from running it, in words; undefined: nothing. */
export function findMissing(requirement: Requirement, capabilities: Capabilities): string | undefined {
  const [first] = listMissing(requirement, capabilities);
  return first && `lacks ${first}`;
}

/** All that a node lacks for it: classes first, then files. */
export function listMissing(requirement: Requirement, capabilities: Capabilities): readonly string[] {
  const { classes, models, answers } = notesOn(capabilities);
  const known = answers.get(requirement);
  if (known) return known;
  const missing = [
    ...requirement.classes.filter((name) => !classes.has(name)).map((name) => `the node class ${name}`),
    ...Object.entries(requirement.models)
      .filter(([input, file]) => models.get(input)?.has(withSlashes(file)) === false)
      .map(([, file]) => `the model ${file}`),
  ];
  answers.set(requirement, missing);
  return missing;
}

interface Notes {
  classes: Set<string>;
  models: Map<string, Set<string>>;
  answers: WeakMap<Requirement, string[]>;
}

/** A node has a thousand classes, and is asked about every requirement that waits in every round. */
const notes = new WeakMap<Capabilities, Notes>();

function notesOn(capabilities: Capabilities): Notes {
  const known = notes.get(capabilities);
  if (known) return known;
  const models = Object.entries(capabilities.models).map(([input, files]) => {
    return [input, new Set(files.map(withSlashes))] as const;
  });
  const made = { classes: new Set(capabilities.classes), models: new Map(models), answers: new WeakMap() };
  notes.set(capabilities, made);
  return made;
}

/** The node's own spelling of a model file: `SD\x.safetensors` from a Windows page is `SD/x.safetensors` on Linux. */
export function findModel(offered: string[], file: string): string | undefined {
  const wanted = withSlashes(file);
  return offered.find((candidate) => withSlashes(candidate) === wanted);
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
