import type { TaskStatus } from './task-state.js';

/** Outbox topics of the task's path. */
export const TASK_WISHED = 'task.wished';
export const TASK_CHANGED = 'task.changed';

export type TaskType = 'text_to_image' | 'image_to_video';
export type ParameterType = 'string' | 'int' | 'float' | 'boolean' | 'json';

/** One resolved parameter; `value` is JSON text, so that a number stays a number on its way. */
export interface TaskParameter {
  name: string;
  type: ParameterType;
  value: string;
  /** Where the value names an upload: its bytes, which the task refers to until it is deleted (I19). */
  fileHash?: string | null;
}

/**
 * client → shared: all that the owner of the wish knows of a task. `runNo` and `cancelRun` are its counters (I1);
 * the rest never changes after the submit. Times are ISO-8601 in UTC.
 */
export interface TaskWish {
  taskId: string;
  sourceType: 'client' | 'admin';
  sourceUserId: string;
  runNo: number;
  /** The run whose cancel is wished; 0: none ever was. */
  cancelRun: number;
  taskType: TaskType;
  workflowName: string;
  workflowVersion: number;
  /** Which nodes could run it: the workflow's version and the model that it names. */
  requirementKey: string;
  priority: number;
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
  createdAt: string;
  /** Set once the owner's row was deleted (I5). */
  forgottenAt: string | null;
  parameters: TaskParameter[];
}

export type ResultType = 'image' | 'video' | 'audio' | 'text' | 'file';

/** One file that a run made, in our own storage under its SHA-256. */
export interface TaskResult {
  outputIndex: number;
  type: ResultType;
  fileId: string;
  fileHash: string;
  fileName: string;
  mimeType: string;
  sizeBytes: number;
  width: number | null;
  height: number | null;
  durationSeconds: number | null;
}

/** shared → client: the full state of a task's current run. Results are there from `completed` on. */
export interface TaskState {
  taskId: string;
  runNo: number;
  stateVersion: number;
  status: TaskStatus;
  attemptCount: number;
  progress: number;
  message: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  startedAt: string | null;
  completedAt: string | null;
  actualTimeSeconds: number | null;
  results: TaskResult[];
}

/** How far a running attempt is, in percent; carried over apart from states and never falling within an attempt. */
export interface TaskProgress {
  taskId: string;
  runNo: number;
  attemptCount: number;
  progress: number;
}

/** As the one reports it who runs the attempt: an attempt that was not spent shares its number with the next one. */
export type AttemptProgress = Omit<TaskProgress, 'attemptCount'> & { assignmentId: string };
