import { createHash } from 'node:crypto';
import { TASK_WISHED, type TaskParameter, type TaskType, type TaskWish } from '../../shared/index.js';
import type { OutboxEvent } from '../../database/index.js';

/** What the client side owns of a task: all of it is fixed at the submit, but for the two counters. */
export interface WishedTask {
  taskId: string;
  clientId: string;
  runNo: number;
  cancelRun: number;
  taskType: TaskType;
  workflowName: string;
  workflowVersion: number;
  prompt: string | null;
  negativePrompt: string | null;
  modelName: string | null;
  width: number | null;
  height: number | null;
  steps: number | null;
  cfgScale: number | null;
  sampler: string | null;
  scheduler: string | null;
  seed: number | null;
  batchSize: number;
  batchId: string | null;
  estimatedTimeSeconds: number | null;
  createdAt: Date;
  parameters: TaskParameter[];
}

/** Users' tasks stand in line by age alone; other priorities are given by admins. */
const PRIORITY = 1;

/** The owner's full state as an outbox event; both counters only grow, so they order a task's events (I1, I6). */
export function toWishEvent(task: WishedTask): OutboxEvent<TaskWish> {
  return {
    topic: TASK_WISHED,
    aggregateId: task.taskId,
    runNo: task.runNo,
    stateVersion: task.cancelRun,
    payload: toTaskWish(task),
  };
}

/**
 * The owner's row goes (I5). What users wrote goes with it. Where the queue has lost the task this would make it anew:
 * the cancel keeps it from being run.
 */
export function toForgottenEvent(task: WishedTask, forgottenAt: Date): OutboxEvent<TaskWish> {
  const cancelRun = Math.max(task.cancelRun, task.runNo);
  const wish = toTaskWish({ ...task, cancelRun, prompt: null, negativePrompt: null, parameters: [] });
  return {
    topic: TASK_WISHED,
    aggregateId: task.taskId,
    runNo: task.runNo,
    stateVersion: cancelRun,
    payload: { ...wish, forgottenAt: forgottenAt.toISOString() },
  };
}

function toTaskWish(task: WishedTask): TaskWish {
  return {
    taskId: task.taskId,
    sourceType: 'client',
    sourceUserId: task.clientId,
    runNo: task.runNo,
    cancelRun: task.cancelRun,
    taskType: task.taskType,
    workflowName: task.workflowName,
    workflowVersion: task.workflowVersion,
    requirementKey: requirementKey(task),
    priority: PRIORITY,
    prompt: task.prompt,
    negativePrompt: task.negativePrompt,
    modelName: task.modelName,
    width: task.width,
    height: task.height,
    steps: task.steps,
    cfgScale: task.cfgScale,
    sampler: task.sampler,
    scheduler: task.scheduler,
    seed: task.seed,
    batchSize: task.batchSize,
    batchId: task.batchId,
    estimatedTimeSeconds: task.estimatedTimeSeconds,
    createdAt: task.createdAt.toISOString(),
    forgottenAt: null,
    parameters: task.parameters,
  };
}

/** The column holds 191 characters; a longer key is cut and kept apart from its like by a digest. */
const KEY_LENGTH = 191;

/** Tasks with the same key can run on the same nodes; the page writes model paths as Windows does. */
export function requirementKey(task: Pick<WishedTask, 'workflowName' | 'workflowVersion' | 'modelName'>): string {
  const model = task.modelName?.replaceAll('\\', '/');
  const key = `${task.workflowName}@${task.workflowVersion}${model ? `#${model}` : ''}`;
  if (key.length <= KEY_LENGTH) return key;
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return `${key.slice(0, KEY_LENGTH - digest.length - 1)}~${digest}`;
}
