import { isModelFile, type Capabilities } from '../../shared/index.js';
import type { ObjectInfo } from './protocol.js';

/** Reads a node's `/object_info`: a list of choices is a list of models where one of them looks like a model file. */
export function readCapabilities(info: ObjectInfo): Capabilities {
  const models: Record<string, string[]> = {};
  for (const [className, { input }] of Object.entries(info)) {
    for (const [name, spec] of Object.entries({ ...input?.required, ...input?.optional })) {
      const choices = choicesOf(spec);
      if (choices?.some((choice) => isModelFile(choice))) models[`${className}.${name}`] = choices;
    }
  }
  return { classes: Object.keys(info).sort(), models };
}

/** Old nodes give the choices as the type itself, new ones as an option of `COMBO`. */
function choicesOf([type, options]: unknown[]): string[] | undefined {
  const choices = Array.isArray(type)
    ? type
    : type === 'COMBO'
      ? (options as { options?: unknown })?.options
      : undefined;
  if (!Array.isArray(choices) || !choices.every((choice) => typeof choice === 'string')) return undefined;
  return choices;
}
