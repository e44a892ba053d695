import { PythonError } from '../python-error.js';
import { PromptInspector } from './prompt-inspector.js';
import type { Catalog, NodeTable } from '../nodes/node-class.js';
import type { ErrorInfo, NodeErrors, NodeId, PromptGraph } from '../protocol.js';

export interface Validation {
  /** Output nodes that can run. None if `error` is set. */
  outputs: NodeId[];
  error?: ErrorInfo;
  nodeErrors: Record<NodeId, NodeErrors>;
}

/**
 * Decides as `validate_prompt` of ComfyUI does: unknown classes and a graph without outputs are refused at once; else
 * the prompt is accepted if at least one output node validates, and the others are dropped without a word.
 */
export function validatePrompt(graph: unknown, targets: unknown, classes: NodeTable, catalog: Catalog): Validation {
  const outputs: NodeId[] = [];
  for (const [nodeId, node] of Object.entries(graph as Record<NodeId, unknown>)) {
    const name = classNameOf(node);
    if (name === undefined) return refused('Cannot execute because a node is missing the class_type property.', nodeId);
    const nodeClass = classes.get(name);
    if (!nodeClass) return refused(`Cannot execute because node ${name} does not exist.`, nodeId);
    const wanted = !Array.isArray(targets) || targets.includes(nodeId);
    if (nodeClass.outputNode && wanted) outputs.push(nodeId);
  }
  if (outputs.length === 0) {
    return { outputs, error: errorInfo('prompt_no_outputs', 'Prompt has no outputs'), nodeErrors: {} };
  }
  return validateOutputs(graph as PromptGraph, outputs, new PromptInspector(graph as PromptGraph, classes, catalog));
}

function validateOutputs(graph: PromptGraph, outputs: NodeId[], inspector: PromptInspector): Validation {
  const good: NodeId[] = [];
  const nodeErrors: Record<NodeId, NodeErrors> = {};
  const details: string[] = [];
  for (const output of outputs) {
    const verdict = inspector.inspectOutput(output);
    if (verdict.valid) {
      good.push(output);
      continue;
    }
    details.push(...verdict.errors.map((error) => `${error.message}: ${error.details}`));
    for (const [nodeId, { valid, errors }] of inspector.verdicts) {
      if (valid || errors.length === 0) continue;
      const classType = graph[nodeId]?.class_type ?? '';
      nodeErrors[nodeId] ??= { errors, dependent_outputs: [], class_type: classType };
      nodeErrors[nodeId].dependent_outputs.push(output);
    }
  }
  if (good.length > 0) return { outputs: good, nodeErrors };
  const message = 'Prompt outputs failed validation';
  return { outputs: [], error: errorInfo('prompt_outputs_failed_validation', message, details.join('\n')), nodeErrors };
}

function classNameOf(node: unknown): string | undefined {
  // A string or a list is searched for 'class_type' and does not have it; a number or null makes Python raise.
  if (typeof node === 'string' || Array.isArray(node)) return undefined;
  if (typeof node !== 'object' || node === null) throw new PythonError('TypeError', 'argument is not iterable');
  if (!('class_type' in node)) return undefined;
  return String(node.class_type);
}

function refused(message: string, nodeId: NodeId): Validation {
  return { outputs: [], error: errorInfo('invalid_prompt', message, `Node ID '#${nodeId}'`), nodeErrors: {} };
}

export function errorInfo(type: string, message: string, details = '', extra: ErrorInfo['extra_info'] = {}): ErrorInfo {
  return { type, message, details, extra_info: extra };
}
