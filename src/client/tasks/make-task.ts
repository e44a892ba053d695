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

const LARGEST_INT = 2 ** 31 - 1;
/** decimal(4, 2) */
const LARGEST_CFG = 99.99;

/** A new task: its columns are filled from the resolved parameters, so that lists show what really runs. */
export function makeTask({ workflow, parameters, ...given }: Ingredients): WishedTask {
  const values = new Map(parameters.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
  const text = (name: string) => only('string', values.get(name));
  const number = (name: string, largest = LARGEST_INT) => {
    const value = only('number', values.get(name));
    // Columns are for lists: what does not fit into one is in the parameters all the same.
    return value !== null && Math.abs(value) <= largest ? value : null;
  };
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
    cfgScale: number('cfg', LARGEST_CFG) ?? number('cfg_scale', LARGEST_CFG),
    sampler: text('sampler'),
    scheduler: text('scheduler'),
    seed: number('seed', Number.MAX_SAFE_INTEGER),
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
