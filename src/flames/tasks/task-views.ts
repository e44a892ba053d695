import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { showTime } from '../shown-time.js';
import type { FlamesTaskRecord } from './flames-task.js';
import { FLAMES_TASK_STATUSES } from './task-state.js';

const TASK_ID = '01994a7e-5b7f-7c3e-9d53-6d3f3b1f8f10';

const CONFIG_EXAMPLE: ReturnType<typeof toConfigView> = {
  api_site: 'https://api.example.com/v1',
  temperature: null,
  max_tokens: null,
  concurrency: 20,
  repeats: 1,
  sample: null,
  budget: { calls: 0, tokens: 0 },
  scorer: { kind: 'flames', address: 'https://scorer.example.com', model: null },
  dataset_hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
};

export class CreatedTaskView {
  @ApiProperty({ type: 'integer', example: 10 }) dataset_id: number;
  @ApiProperty({ type: String, example: TASK_ID }) task_id: string;
}

export class CreatedTasksView {
  @ApiProperty({ type: [CreatedTaskView] }) tasks: CreatedTaskView[];
}

/** A task in the history. Times are those of the zone in `flames.times_zone`. */
export class FlamesTaskView {
  @ApiProperty({ type: String, example: TASK_ID }) task_id: string;
  @ApiProperty({ type: String, nullable: true, example: 'qwen-max' }) model_name: string | null;
  @ApiProperty({ type: 'integer', nullable: true, example: 10 }) dataset_id: number | null;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 20:00:00' }) submit_time: string | null;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-22 20:15:00' }) end_time: string | null;
  @ApiProperty({ enum: FLAMES_TASK_STATUSES, example: 'completed' }) status: string | null;
}

export class FlamesHistoryView {
  @ApiProperty({ type: [FlamesTaskView] }) tasks: FlamesTaskView[];
  @ApiPropertyOptional({ type: 'integer', example: 1, description: 'Only where a part of the history is asked for.' })
  total?: number;
}

export class UsedView {
  @ApiProperty({ type: 'integer', example: 1_080 }) calls: number;
  @ApiProperty({ type: 'integer', example: 496_800 }) tokens: number;
}

export class ItemCountsView {
  @ApiProperty({ type: 'integer', example: 0 }) pending: number;
  @ApiProperty({ type: 'integer', example: 0 }) answered: number;
  @ApiProperty({ type: 'integer', example: 950 }) scored: number;
  @ApiProperty({ type: 'integer', example: 50 }) error: number;
}

/** A task with how far it is. */
export class FlamesTaskDetailView extends FlamesTaskView {
  @ApiProperty({ type: Boolean, example: false }) is_paused: boolean;
  @ApiProperty({ type: Boolean, example: false }) is_cancel_requested: boolean;
  @ApiProperty({ type: String, nullable: true, example: 'alice' }) user_name: string | null;
  @ApiProperty({ type: 'integer', example: 1_000 }) total_count: number;
  @ApiProperty({ type: ItemCountsView }) items: ItemCountsView;
  @ApiProperty({ type: UsedView }) used: UsedView;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it failed, or what it waits for.' })
  error_code: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) error_message: string | null;
  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    example: CONFIG_EXAMPLE,
    description: 'How it is run; null for tasks of an old installation.',
  })
  config: object | null;
}

export function toFlamesTaskView(task: FlamesTaskRecord, zone: string): FlamesTaskView {
  return {
    task_id: task.taskId,
    model_name: task.modelName,
    dataset_id: task.datasetId,
    submit_time: showTime(task.submitTime, zone),
    end_time: showTime(task.endTime, zone),
    status: task.status,
  };
}

export function toFlamesTaskDetailView(
  task: FlamesTaskRecord,
  items: Record<string, number>,
  zone: string,
): FlamesTaskDetailView {
  const { pending = 0, answered = 0, scored = 0, error = 0 } = items;
  return {
    ...toFlamesTaskView(task, zone),
    is_paused: task.pausedAt !== null,
    is_cancel_requested: task.cancelRequestedAt !== null,
    user_name: task.userName,
    total_count: task.totalItems ?? 0,
    items: { pending, answered, scored, error },
    used: { calls: task.callsUsed, tokens: Number(task.tokensUsed) },
    error_code: task.errorCode,
    error_message: task.errorMessage,
    config: toConfigView(task),
  };
}

function toConfigView({ config }: FlamesTaskRecord) {
  if (!config) return null;
  const { apiSite, temperature, maxTokens, concurrency, repeats, sample, budget, scorer, datasetHash } = config;
  return {
    api_site: apiSite,
    temperature: temperature ?? null,
    max_tokens: maxTokens ?? null,
    concurrency,
    repeats,
    sample: sample ?? null,
    budget: { calls: budget.calls, tokens: budget.tokens },
    scorer: { kind: scorer.kind, address: scorer.address ?? null, model: scorer.model ?? null },
    dataset_hash: datasetHash,
  };
}
