import type { WorkflowConfig } from '../../config/index.js';
import { findTypeProblem, type PromptGraph } from '../../shared/index.js';

/** What is wrong between a template's parameters and its graph, in words. */
export function checkParameters(config: WorkflowConfig, graph: PromptGraph): string[] {
  const problems: string[] = [];
  for (const [name, mapping] of Object.entries(config.parameter_mapping)) {
    const inputs = graph[mapping.node_id]?.inputs;
    if (!inputs) {
      problems.push(`parameter ${name} names node ${mapping.node_id}, which is not there`);
      continue;
    }
    if (!Object.hasOwn(inputs, mapping.input_name)) {
      problems.push(`parameter ${name} names input ${mapping.input_name}, which node ${mapping.node_id} does not have`);
    }
    const value = mapping.default_value;
    const problem = value === undefined || value === null ? undefined : findTypeProblem(mapping.data_type, value);
    if (problem) problems.push(`parameter ${name}: its default_value ${JSON.stringify(value)} ${problem}`);
  }
  const unknown = config.allowed_frontend_params.filter((name) => !Object.hasOwn(config.parameter_mapping, name));
  return [...problems, ...unknown.map((name) => `allowed_frontend_params names ${name}, which is not mapped`)];
}
