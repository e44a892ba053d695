import { ApiProperty } from '@nestjs/swagger';
import { TASK_STATUSES, type AttemptRecord, type TaskRecord, type TaskStatus } from '../../shared/index.js';
import { AttemptOutcomeView, toAttemptOutcomeView } from './attempt.view.js';

export class TaskParameterView {
  @ApiProperty({ example: 'steps' })
  name: string;

  @ApiProperty({ example: 'int' })
  type: string;

  @ApiProperty({ type: Object, nullable: true, example: 20 })
  value: unknown;
}

export class TaskResultView {
  @ApiProperty({ type: 'integer' })
  run_no: number;

  @ApiProperty({ type: 'integer' })
  index: number;

  @ApiProperty({ example: 'image' })
  type: string;

  @ApiProperty({ type: String, nullable: true })
  file_id: string | null;

  @ApiProperty({ type: String, nullable: true })
  file_name: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'image/png' })
  mime_type: string | null;

  @ApiProperty({ type: 'integer', nullable: true })
  file_size: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  width: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  height: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'Holds for an hour at least; null for an earlier run.' })
  url: string | null;
}

export class AttemptView extends AttemptOutcomeView {
  @ApiProperty({ description: "Also the prompt's id on the node." })
  assignment_id: string;

  @ApiProperty({ example: 'gpu-1' })
  node_id: string;

  @ApiProperty({ type: 'integer' })
  run_no: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why this node.' })
  reason: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  posted_at: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  ended_on_node_at: string | null;
}

export class OverseenTaskView {
  @ApiProperty()
  task_id: string;

  @ApiProperty()
  client_id: string;

  @ApiProperty({ type: String, nullable: true, example: 'alice' })
  username: string | null;

  @ApiProperty({ example: 'client' })
  source_type: string;

  @ApiProperty({ example: 'text_to_image' })
  task_type: string;

  @ApiProperty({ example: 'sd_basic' })
  workflow_name: string;

  @ApiProperty({ type: 'integer' })
  workflow_version: number;

  @ApiProperty({ type: String, nullable: true })
  model_name: string | null;

  @ApiProperty({ type: String, nullable: true })
  batch_id: string | null;

  @ApiProperty({ enum: TASK_STATUSES })
  status: TaskStatus;

  @ApiProperty({ type: 'integer' })
  priority: number;

  @ApiProperty({ type: 'integer' })
  run_no: number;

  @ApiProperty({ type: 'integer' })
  attempt_count: number;

  @ApiProperty({ description: 'Somebody wishes to cancel this run.' })
  is_cancel_wished: boolean;

  @ApiProperty()
  progress: number;

  @ApiProperty({ type: String, nullable: true })
  message: string | null;

  @ApiProperty({ type: String, nullable: true })
  error_code: string | null;

  @ApiProperty({ type: String, nullable: true })
  error_message: string | null;

  @ApiProperty({ type: String, nullable: true })
  node_id: string | null;

  @ApiProperty({ type: [String], description: 'Where this run is not tried again.' })
  excluded_nodes: string[];

  @ApiProperty({ type: String, nullable: true })
  prompt: string | null;

  @ApiProperty({ type: String, nullable: true })
  negative_prompt: string | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Seconds.' })
  estimated_time: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Seconds.' })
  actual_time: number | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ format: 'date-time' })
  queued_at: string;

  @ApiProperty({ format: 'date-time' })
  updated_at: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'Not tried again before.' })
  retry_at: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  started_at: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  completed_at: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'Its user deleted it.' })
  forgotten_at: string | null;

  @ApiProperty({ type: [TaskParameterView] })
  parameters: TaskParameterView[];

  @ApiProperty({ type: [TaskResultView] })
  results: TaskResultView[];

  @ApiProperty({ type: [AttemptView] })
  attempts: AttemptView[];
}

export type TaskOwnView = Omit<OverseenTaskView, 'username' | 'parameters' | 'results' | 'attempts'>;

export function toTaskOwnView(task: TaskRecord): TaskOwnView {
  return {
    task_id: task.taskId,
    client_id: task.sourceUserId,
    source_type: task.sourceType,
    task_type: task.taskType,
    workflow_name: task.workflowName,
    workflow_version: task.workflowVersion,
    model_name: task.modelName,
    batch_id: task.batchId,
    status: task.status,
    priority: task.priority,
    run_no: task.runNo,
    attempt_count: task.attemptCount,
    is_cancel_wished: task.cancelRun >= task.runNo,
    progress: Number(task.progress),
    message: task.message,
    error_code: task.errorCode,
    error_message: task.errorMessage,
    node_id: task.nodeId,
    excluded_nodes: task.excludedNodeIds,
    prompt: task.prompt,
    negative_prompt: task.negativePrompt,
    estimated_time: task.estimatedTime,
    actual_time: task.actualTime,
    ...toTimes(task),
  };
}

function toTimes(task: TaskRecord) {
  return {
    created_at: task.createdAt.toISOString(),
    queued_at: task.queuedAt.toISOString(),
    updated_at: task.updatedAt.toISOString(),
    retry_at: textOf(task.retryAt),
    started_at: textOf(task.startedAt),
    completed_at: textOf(task.completedAt),
    forgotten_at: textOf(task.forgottenAt),
  };
}

export function toAttemptView(attempt: AttemptRecord): AttemptView {
  return {
    ...toAttemptOutcomeView(attempt),
    assignment_id: attempt.assignmentId,
    node_id: attempt.nodeId,
    run_no: attempt.runNo,
    reason: attempt.reason,
    posted_at: textOf(attempt.postStartedAt),
    ended_on_node_at: textOf(attempt.endedOnNodeAt),
  };
}

function textOf(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
