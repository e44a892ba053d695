import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { WorkflowConfig } from '../../config/index.js';
import type { PromptGraph, TaskType, WorkflowDefinition } from '../../shared/index.js';
import { checkGraph } from './check-graph.js';
import { checkParameters } from './check-parameters.js';

/** A workflow of the settings: its key there, its task type, and what stands under it. */
export interface ConfiguredWorkflow {
  name: string;
  taskType: TaskType;
  config: WorkflowConfig;
}

export type ReadWorkflow = { definition: WorkflowDefinition; problems?: undefined } | { problems: string[] };

/** What an untried workflow is taken to need, in seconds; the real times replace it in the statistics. */
export const ESTIMATED_SECONDS: Record<TaskType, number> = { text_to_image: 60, image_to_video: 600 };
/** As many as the nodes take, until an admin decides otherwise. */
export const MAX_CONCURRENT_TASKS = 0;

/** Reads a workflow's file and checks all of it; `workflow_file` is looked for from `baseDir`. */
export async function readWorkflow(workflow: ConfiguredWorkflow, baseDir: string): Promise<ReadWorkflow> {
  const path = resolve(baseDir, workflow.config.workflow_file);
  const read = await readGraph(path);
  if (read.problems) return { problems: read.problems.map((problem) => `${path}: ${problem}`) };
  const definition = toDefinition(workflow, read.graph);
  const problems = [...checkParameters(definition.parameters, read.graph), ...checkAllowed(workflow.config)];
  return problems.length > 0 ? { problems } : { definition };
}

function checkAllowed({ allowed_frontend_params: allowed, parameter_mapping: mapping }: WorkflowConfig): string[] {
  const unknown = allowed.filter((name) => !Object.hasOwn(mapping, name));
  return unknown.map((name) => `allowed_frontend_params names ${name}, which is not mapped`);
}

async function readGraph(path: string): Promise<{ graph: PromptGraph; problems?: undefined } | { problems: string[] }> {
  let graph: unknown;
  try {
    graph = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problems: [code === 'ENOENT' ? 'there is no such file' : `cannot be read as JSON (${message})`] };
  }
  const problems = checkGraph(graph);
  return problems.length > 0 ? { problems } : { graph: graph as PromptGraph };
}

function toDefinition({ name, taskType, config }: ConfiguredWorkflow, graph: PromptGraph): WorkflowDefinition {
  return {
    name,
    displayName: config.name ?? name,
    taskType,
    versionLabel: config.version,
    description: config.description,
    graph,
    parameters: Object.entries(config.parameter_mapping).map(([parameter, mapping]) => ({
      name: parameter,
      nodeId: mapping.node_id,
      inputName: mapping.input_name,
      type: mapping.data_type,
      ...(mapping.default_value === undefined ? {} : { defaultValue: mapping.default_value }),
      description: mapping.description,
      isOpenToClients: config.allowed_frontend_params.includes(parameter),
    })),
    estimatedTimeSeconds: ESTIMATED_SECONDS[taskType],
    maxConcurrentTasks: MAX_CONCURRENT_TASKS,
    isEnabled: true,
  };
}
