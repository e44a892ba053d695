import { ApiProperty } from '@nestjs/swagger';
import { TASK_STATUSES, type TaskStatus, type TaskType } from '../../shared/index.js';
import type { ResultRecord } from './client-tasks.repository.js';
import type { ClientTaskRecord } from './client-task.record.js';
import { TaskSchedulingView } from './task-scheduling.js';
import type { WishedTask } from './task-wish.js';

const TASK_ID = '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10';
const TIME = { type: String, format: 'date-time' };

/** The answer to a submit. */
export class SubmittedView {
  @ApiProperty({ type: String, example: TASK_ID })
  task_id: string;

  @ApiProperty({ enum: ['queued'] })
  status: 'queued';

  @ApiProperty({ type: String, example: 'Waiting in the queue.' })
  message: string;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Seconds.', example: 600 })
  estimated_time: number | null;
}

/** `files` holds names; picture i is fetched by the download route, so there are never addresses here. */
export class ResultDataView {
  @ApiProperty({ type: [String], example: ['01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10-0.png'] }) files: string[];
  @ApiProperty({ type: String, nullable: true, example: 'a lighthouse in a storm' }) prompt: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'blurry' }) negative_prompt: string | null;
  @ApiProperty({ type: 'integer', nullable: true, example: 832 }) width: number | null;
  @ApiProperty({ type: 'integer', nullable: true, example: 1216 }) height: number | null;
  @ApiProperty({ type: String, example: 'sd_basic' }) workflow_name: string;
  @ApiProperty({ type: String, nullable: true, example: 'SD\\majicmixRealistic_v7.safetensors' })
  checkpoint: string | null;
  @ApiProperty({ type: 'integer', nullable: true, example: 20251122, description: 'The one really drawn.' })
  seed: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'batch-1763805600000' }) batch_id: string | null;
}

export class TaskView {
  @ApiProperty({ type: String, example: TASK_ID }) task_id: string;
  @ApiProperty({ enum: ['text_to_image', 'image_to_video'] }) task_type: TaskType;
  @ApiProperty({ enum: TASK_STATUSES, example: 'completed' }) status: TaskStatus;
  @ApiProperty({ type: Number, example: 100, description: '0 to 100.' }) progress: number;
  @ApiProperty({ type: String, example: 'Done.' }) message: string;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Stable, such as `OUT_OF_MEMORY`.' })
  error_code: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) error_message: string | null;
  @ApiProperty({ type: ResultDataView }) result_data: ResultDataView;
  @ApiProperty({ ...TIME, example: '2026-11-22T10:00:00.000Z' }) created_at: string;
  @ApiProperty({ ...TIME, example: '2026-11-22T10:00:31.250Z' }) updated_at: string;
  @ApiProperty({ ...TIME, nullable: true, example: '2026-11-22T10:00:02.125Z' }) started_at: string | null;
  @ApiProperty({ ...TIME, nullable: true, example: '2026-11-22T10:00:31.250Z' }) completed_at: string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Seconds.', example: 60 }) estimated_time: number | null;
}

/** One task on its own. */
export class TaskDetailView extends TaskView {
  @ApiProperty({ type: TaskSchedulingView, nullable: true, description: 'Null once the task is over.' })
  scheduling: TaskSchedulingView | null;
}

/** What the page polls: the task with `result` and `error`, the names that it reads. */
export class TaskStatusView extends TaskView {
  @ApiProperty({ type: ResultDataView, nullable: true, description: 'Null until the task is completed.' })
  result: ResultDataView | null;
  @ApiProperty({ type: String, nullable: true, example: null }) error: string | null;
}

export class TaskListView {
  @ApiProperty({ type: [TaskView] }) tasks: TaskView[];
  @ApiProperty({ type: 'integer', example: 1 }) total: number;
  @ApiProperty({ type: 'integer', example: 50 }) limit: number;
  @ApiProperty({ type: 'integer', example: 0 }) offset: number;
  /** For `cursor`: gives the tasks after these, however many were made meanwhile; null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: 'MTc5NTM0NDAwMDAwMC40Mg' }) next_cursor: string | null;
}

/** The answer to a cancel. */
export class CancelView {
  @ApiProperty({ type: String, example: 'The task is being cancelled.' }) message: string;
  @ApiProperty({ type: String, example: TASK_ID }) task_id: string;
}

const MESSAGES: Record<TaskStatus, string> = {
  queued: 'Waiting in the queue.',
  processing: 'Being made.',
  completed: 'Done.',
  failed: 'This task failed.',
  cancelled: 'Cancelled.',
};

export function toSubmittedView(task: WishedTask): SubmittedView {
  return {
    task_id: task.taskId,
    status: 'queued',
    message: MESSAGES.queued,
    estimated_time: task.estimatedTimeSeconds,
  };
}

export function toTaskView(task: ClientTaskRecord, results: ResultRecord[]): TaskView {
  return {
    task_id: task.taskId,
    task_type: task.taskType,
    status: task.status,
    progress: Number(task.progress),
    message: task.message ?? MESSAGES[task.status],
    error_code: task.errorCode,
    error_message: task.errorMessage,
    result_data: toResultDataView(task, results),
    created_at: task.createdAt.toISOString(),
    updated_at: task.updatedAt.toISOString(),
    started_at: task.startedAt?.toISOString() ?? null,
    completed_at: task.completedAt?.toISOString() ?? null,
    estimated_time: task.estimatedTime,
  };
}

export function toTaskStatusView(task: ClientTaskRecord, results: ResultRecord[]): TaskStatusView {
  const view = toTaskView(task, results);
  return { ...view, result: task.status === 'completed' ? view.result_data : null, error: task.errorMessage };
}

function toResultDataView(task: ClientTaskRecord, results: ResultRecord[]): ResultDataView {
  return {
    files: task.status === 'completed' ? results.map((result) => result.fileName ?? `${result.outputIndex}`) : [],
    prompt: task.prompt,
    negative_prompt: task.negativePrompt,
    width: task.width,
    height: task.height,
    workflow_name: task.workflowName,
    checkpoint: task.modelName,
    seed: task.seed === null ? null : Number(task.seed),
    batch_id: task.batchId,
  };
}
