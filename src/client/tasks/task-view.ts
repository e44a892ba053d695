import { ApiProperty } from '@nestjs/swagger';
import type { TaskStatus, TaskType } from '../../shared/index.js';
import type { ResultRecord } from './client-tasks.repository.js';
import type { ClientTaskRecord } from './client-task.record.js';
import type { TaskSchedulingView } from './task-scheduling.js';
import type { WishedTask } from './task-wish.js';

/** The answer to a submit. */
export class SubmittedView {
  @ApiProperty({ type: String, example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' })
  task_id: string;

  @ApiProperty({ enum: ['queued'] })
  status: 'queued';

  @ApiProperty({ type: String, example: 'Waiting in the queue.' })
  message: string;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Seconds.', example: 600 })
  estimated_time: number | null;
}

/** `files` holds names; picture i is fetched by the download route, so there are never addresses here. */
export interface ResultDataView {
  files: string[];
  prompt: string | null;
  negative_prompt: string | null;
  width: number | null;
  height: number | null;
  workflow_name: string;
  checkpoint: string | null;
  seed: number | null;
  batch_id: string | null;
}

export interface TaskView {
  task_id: string;
  task_type: TaskType;
  status: TaskStatus;
  /** 0 to 100. */
  progress: number;
  message: string;
  error_code: string | null;
  error_message: string | null;
  result_data: ResultDataView;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  completed_at: string | null;
  /** Seconds. */
  estimated_time: number | null;
}

/** One task on its own. `scheduling` is null once it is over. */
export interface TaskDetailView extends TaskView {
  scheduling: TaskSchedulingView | null;
}

/** What the page polls: the task with `result` and `error`, the names that it reads. */
export interface TaskStatusView extends TaskView {
  result: ResultDataView | null;
  error: string | null;
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
