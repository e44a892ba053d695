import {
  findModel,
  type Capabilities,
  type PromptGraph,
  type TaskParameter,
  type WorkflowDefinition,
} from '../../shared/index.js';

/** The graph of a template with a task's values in it, as this node spells them. */
export interface PromptInputs {
  definition: WorkflowDefinition;
  parameters: TaskParameter[];
  /** Names of the task's pictures on this node, by parameter. */
  inputNames: Map<string, string>;
  capabilities: Capabilities;
  assignmentId: string;
}

/** Pure: the same task gives the same prompt but for the attempt's id in every saver's prefix. */
export function buildPrompt({
  definition,
  parameters,
  inputNames,
  capabilities,
  assignmentId,
}: PromptInputs): PromptGraph {
  const graph = structuredClone(definition.graph);
  const values = new Map(parameters.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
  for (const { name, nodeId, inputName } of definition.parameters) {
    const value = inputNames.get(name) ?? values.get(name);
    if (value !== undefined && value !== null) graph[nodeId]!.inputs[inputName] = value;
  }
  for (const [nodeId, node] of Object.entries(graph)) {
    for (const [input, value] of Object.entries(node.inputs)) {
      const offered = capabilities.models[`${node.class_type}.${input}`];
      if (offered && typeof value === 'string') node.inputs[input] = findModel(offered, value) ?? value;
    }
    // The attempt's id in the name: a late result is told apart, and a saver is never answered from the cache (I15).
    // A folder for each attempt keeps the node's counter scan short.
    if ('filename_prefix' in node.inputs) node.inputs.filename_prefix = `cws/${assignmentId}/${nodeId}`;
  }
  return graph;
}
