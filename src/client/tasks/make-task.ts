import type { PublishedWorkflow, TaskParameter } from '../../shared/index.js';
import type { WishedTask } from './task-wish.js';

interface Ingredients {
  taskId: string;
  clientId: string;
  workflow: PublishedWorkflow;
  parameters: TaskParameter[];
  /** What was sent; kept where the workflow has no parameter for it. */
  prompt: string;
  batchId: string | null;
  createdAt: Date;
}

/** A new task: its columns are filled from the resolved parameters, so that lists show what really runs. */
export function makeTask({ workflow, parameters, ...given }: Ingredients): WishedTask {
  const values = new Map(parameters.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
  const text = (name: string) => only('string', values.get(name));
  const number = (...names: string[]) => names.map((name) => only('number', values.get(name))).find(isThere) ?? null;
  return {
    taskId: given.taskId,
    clientId: given.clientId,
    runNo: 1,
    cancelRun: 0,
    taskType: workflow.definition.taskType,
    workflowName: workflow.workflowName,
    workflowVersion: workflow.version,
    prompt: text('prompt') ?? given.prompt,
    negativePrompt: text('negative_prompt'),
    modelName: text('checkpoint'),
    width: number('width'),
    height: number('height'),
    steps: number('steps'),
    cfgScale: number('cfg', 'cfg_scale'),
    sampler: text('sampler'),
    scheduler: text('scheduler'),
    seed: number('seed'),
    batchSize: number('batch_size') ?? 1,
    batchId: given.batchId,
    estimatedTimeSeconds: workflow.definition.estimatedTimeSeconds,
    createdAt: given.createdAt,
    parameters,
  };
}

function only(type: 'string', value: unknown): string | null;
function only(type: 'number', value: unknown): number | null;
function only(type: string, value: unknown): unknown {
  return typeof value === type ? value : null;
}

function isThere(value: number | null): value is number {
  return value !== null;
}
