import { z } from 'zod';
import { MalformedEventError, type StoredOutboxEvent } from '../database/index.js';
import { TASK_STATUSES, type PublishedWorkflow, type TaskState, type TaskWish } from '../shared/index.js';

/** Events are read as strangers' letters: what is not as agreed is parked, and nothing of it is applied. */

const count = z.number().int().min(0);
const text = z.string().nullable();
const number = z.number().nullable();
const time = z.iso.datetime();
const types = z.enum(['string', 'int', 'float', 'boolean', 'json']);

const taskWish = z.object({
  taskId: z.string().min(1).max(36),
  sourceType: z.enum(['client', 'admin']),
  sourceUserId: z.string().min(1).max(36),
  runNo: count.min(1),
  cancelRun: count,
  taskType: z.enum(['text_to_image', 'image_to_video']),
  workflowName: z.string().min(1),
  workflowVersion: count,
  requirementKey: z.string(),
  priority: z.number().int(),
  prompt: text,
  negativePrompt: text,
  modelName: text,
  width: number,
  height: number,
  steps: number,
  cfgScale: number,
  sampler: text,
  scheduler: text,
  seed: number,
  batchSize: count,
  batchId: text,
  estimatedTimeSeconds: number,
  createdAt: time,
  forgottenAt: time.nullable(),
  parameters: z.array(
    z.object({ name: z.string(), type: types, value: z.string(), fileHash: z.string().length(64).nullish() }),
  ),
}) satisfies z.ZodType<TaskWish>;

const taskResult = z.object({
  outputIndex: count,
  type: z.enum(['image', 'video', 'audio', 'text', 'file']),
  fileId: z.string(),
  fileHash: z.string().length(64),
  fileName: z.string(),
  mimeType: z.string(),
  sizeBytes: count,
  width: number,
  height: number,
  durationSeconds: number,
});

const taskState = z.object({
  taskId: z.string().min(1).max(36),
  runNo: count.min(1),
  stateVersion: count,
  status: z.enum(TASK_STATUSES),
  attemptCount: count,
  progress: z.number(),
  message: text,
  errorCode: text,
  errorMessage: text,
  startedAt: time.nullable(),
  completedAt: time.nullable(),
  actualTimeSeconds: number,
  results: z.array(taskResult),
}) satisfies z.ZodType<TaskState>;

const publishedWorkflow = z.object({
  workflowName: z.string().min(1).max(100),
  version: count.min(1),
  contentHash: z.string().length(64),
  definition: z.looseObject({ name: z.string(), graph: z.record(z.string(), z.unknown()) }),
  publishedAt: time,
});

const read =
  <T>(schema: z.ZodType) =>
  (event: StoredOutboxEvent): T => {
    const outcome = schema.safeParse(event.payload);
    if (outcome.success) return event.payload as T;
    throw new MalformedEventError(`event ${event.eventId} is malformed: ${z.prettifyError(outcome.error)}`);
  };

export const readTaskWish = read<TaskWish>(taskWish);
export const readTaskState = read<TaskState>(taskState);
export const readPublishedWorkflow = read<PublishedWorkflow>(publishedWorkflow);
