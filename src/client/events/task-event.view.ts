import { ApiProperty } from '@nestjs/swagger';
import { TASK_STATUSES, type TaskStatus } from '../../shared/index.js';
import type { Forecast } from './forecast-queue.js';
import type { WatchedTask } from './watched-tasks.repository.js';

const LONGEST_TEXT = 2_000;

export interface QueueView {
  task_id: string;
  position: number;
  estimated_start: { p50: string; p90: string };
}

/** What events tell of a task; the rest of it is asked for by `GET /api/v2/tasks/{id}`. */
export class TaskEventView {
  @ApiProperty({ type: String, example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' }) task_id: string;
  @ApiProperty({ type: 'integer', example: 1 }) run_no: number;
  @ApiProperty({ enum: TASK_STATUSES, enumName: 'TaskStatus', example: 'processing' }) status: TaskStatus;
  @ApiProperty({ type: Number, minimum: 0, maximum: 100, example: 42.5 }) progress: number;
  @ApiProperty({ type: String, nullable: true }) message: string | null;
  @ApiProperty({ type: String, nullable: true }) error_code: string | null;
  @ApiProperty({ type: String, nullable: true }) error_message: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) started_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) completed_at: string | null;
  @ApiProperty({ type: String, format: 'date-time' }) updated_at: string;
}

export function toTaskEventView(task: WatchedTask): TaskEventView {
  return {
    task_id: task.taskId,
    run_no: task.runNo,
    status: task.status,
    progress: Number(task.progress),
    message: shorten(task.message),
    error_code: task.errorCode,
    error_message: shorten(task.errorMessage),
    started_at: task.startedAt?.toISOString() ?? null,
    completed_at: task.completedAt?.toISOString() ?? null,
    updated_at: task.updatedAt.toISOString(),
  };
}

export function toQueueView(taskId: string, { position, startsAt }: Forecast): QueueView {
  const { p50, p90 } = startsAt;
  return { task_id: taskId, position, estimated_start: { p50: p50.toISOString(), p90: p90.toISOString() } };
}

/** A node's report of a failure may be long; the whole text is in the task. */
function shorten(text: string | null): string | null {
  return text === null || text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
