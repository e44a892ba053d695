import type { TaskParameter, TaskStatus, TaskType } from '../../shared/index.js';
import type { WishedTask } from './task-wish.js';

/** A row of `client_tasks` as the driver hands it out: bigint and decimal as text. */
export interface ClientTaskRecord {
  id: string;
  taskId: string;
  clientId: string;
  taskType: TaskType;
  workflowName: string;
  workflowVersion: number | null;
  prompt: string | null;
  negativePrompt: string | null;
  status: TaskStatus;
  runNo: number;
  cancelRun: number;
  stateVersion: number;
  attemptCount: number;
  progress: string;
  message: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  estimatedTime: number | null;
  actualTime: number | null;
  startedAt: Date | null;
  completedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  modelName: string | null;
  width: number | null;
  height: number | null;
  steps: number | null;
  cfgScale: string | null;
  sampler: string | null;
  scheduler: string | null;
  seed: string | null;
  batchSize: number;
  batchId: string | null;
}

/** The columns of a ClientTaskRecord, for a SELECT from `client_tasks`. */
export const CLIENT_TASK_COLUMNS = `id, task_id AS taskId, client_id AS clientId, task_type AS taskType,
  workflow_name AS workflowName, workflow_version AS workflowVersion, prompt, negative_prompt AS negativePrompt,
  status, run_no AS runNo, cancel_run AS cancelRun, state_version AS stateVersion, attempt_count AS attemptCount,
  progress, message, error_code AS errorCode, error_message AS errorMessage, estimated_time AS estimatedTime,
  actual_time AS actualTime, started_at AS startedAt, completed_at AS completedAt, created_at AS createdAt,
  updated_at AS updatedAt, model_name AS modelName, width, height, steps, cfg_scale AS cfgScale, sampler, scheduler,
  seed, batch_size AS batchSize, batch_id AS batchId`;

/** The part of a stored task that its owner announces. */
export function toWishedTask(record: ClientTaskRecord, parameters: TaskParameter[]): WishedTask {
  return {
    taskId: record.taskId,
    clientId: record.clientId,
    runNo: record.runNo,
    cancelRun: record.cancelRun,
    taskType: record.taskType,
    workflowName: record.workflowName,
    workflowVersion: record.workflowVersion ?? 0,
    prompt: record.prompt,
    negativePrompt: record.negativePrompt,
    modelName: record.modelName,
    width: record.width,
    height: record.height,
    steps: record.steps,
    cfgScale: toNumber(record.cfgScale),
    sampler: record.sampler,
    scheduler: record.scheduler,
    seed: toNumber(record.seed),
    batchSize: record.batchSize,
    batchId: record.batchId,
    estimatedTimeSeconds: record.estimatedTime,
    createdAt: record.createdAt,
    parameters,
  };
}

function toNumber(text: string | null): number | null {
  return text === null ? null : Number(text);
}
