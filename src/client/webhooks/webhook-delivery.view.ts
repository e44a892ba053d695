import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { AnnouncedTask, DeliveryRecord } from './webhook-deliveries.repository.js';

const STATES = ['pending', 'delivered', 'failed'] as const;

/** One message and what became of it. */
export class DeliveryView {
  /** Also its `webhook-id`, the same in every try. */
  @ApiProperty({ type: String, example: '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10' }) delivery_id: string;
  @ApiProperty({ type: String, example: '01994a7e-0c11-7d2a-8b41-1f2e3d4c5b6a' }) task_id: string;
  @ApiProperty({ type: 'integer', example: 1 }) run_no: number;
  @ApiProperty({ type: String, example: 'task.completed' }) event: string;
  @ApiProperty({ type: String, example: 'https://example.org/hook' }) url: string;
  @ApiProperty({ enum: STATES }) state: (typeof STATES)[number];
  @ApiProperty({ type: 'integer', example: 1 }) attempts: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null }) next_attempt_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T10:00:31.500Z' })
  last_attempt_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T10:00:31.625Z' })
  delivered_at: string | null;
  /** The HTTP status of the last answer. */
  @ApiProperty({ type: 'integer', nullable: true, example: 200 }) last_status: number | null;
  @ApiProperty({ type: String, nullable: true, example: null }) last_error: string | null;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:31.250Z' }) created_at: string;
}

export class DeliveryListView extends PageView {
  @ApiProperty({ type: [DeliveryView] }) deliveries: DeliveryView[];
}

export function toDeliveryView(delivery: DeliveryRecord): DeliveryView {
  return {
    delivery_id: delivery.deliveryId,
    task_id: delivery.taskId,
    run_no: delivery.runNo,
    event: delivery.event,
    url: delivery.url,
    state: delivery.deliveredAt ? 'delivered' : delivery.failedAt ? 'failed' : 'pending',
    attempts: delivery.attemptCount,
    next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
    last_attempt_at: delivery.lastAttemptAt?.toISOString() ?? null,
    delivered_at: delivery.deliveredAt?.toISOString() ?? null,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    created_at: delivery.createdAt.toISOString(),
  };
}

/** The body of a message: `type`, `timestamp` and `data`, as Standard Webhooks has them. */
export function toMessage(task: AnnouncedTask, event: string, now: Date) {
  return {
    type: event,
    timestamp: (task.completedAt ?? now).toISOString(),
    data: {
      task_id: task.taskId,
      run_no: task.runNo,
      status: task.status,
      task_type: task.taskType,
      workflow_name: task.workflowName,
      batch_id: task.batchId,
      files: Number(task.files),
      error_code: task.errorCode,
      error_message: task.errorMessage,
      created_at: task.createdAt.toISOString(),
      completed_at: task.completedAt?.toISOString() ?? null,
    },
  };
}
