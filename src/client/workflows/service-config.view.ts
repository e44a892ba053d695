import { ApiProperty } from '@nestjs/swagger';
import type { Settings } from '../../config/index.js';
import type { PublishedWorkflow, TaskType } from '../../shared/index.js';

const SIDES = [512, 768, 832, 1024, 1216, 1344];
const SIDE = { min: 64, max: 2048, multiple_of: 8 };

export class TaskTypeView {
  @ApiProperty({ enum: ['text_to_image', 'image_to_video'] }) name: TaskType;
  @ApiProperty({ type: String, example: '/api/v2/tasks/text-to-image' }) submit: string;
  @ApiProperty({ type: String, example: 'sd_basic', description: 'What a submit runs that names no workflow.' })
  default_workflow: string;
  @ApiProperty({ type: [String], example: ['sd_basic', 'sdxl_basic'] }) workflows: string[];
}

/** What this installation offers, and how much of it one may ask for. */
export class ServiceConfigView {
  @ApiProperty({ type: [TaskTypeView] }) task_types: TaskTypeView[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    example: { upload: ['image/jpeg', 'image/png', 'image/webp'] },
  })
  formats: Record<string, string[]>;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { prompt_characters: 2000, width: SIDE, queued_per_user: 500 },
  })
  limits: Record<string, unknown>;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { widths: SIDES, sizes: [{ name: 'square', width: 512, height: 512 }] },
  })
  presets: Record<string, unknown>;
}

const FORMATS = { upload: ['image/jpeg', 'image/png', 'image/webp'], image: ['image/png'], video: ['image/webp'] };

const PRESETS = {
  widths: SIDES,
  // What the client page offers; 1480 as a height alone.
  heights: [...SIDES, 1480],
  sizes: [
    { name: 'square', width: 512, height: 512 },
    { name: 'square_large', width: 1024, height: 1024 },
    { name: 'portrait', width: 832, height: 1216 },
    { name: 'landscape', width: 1216, height: 832 },
  ],
};

export function toServiceConfigView(workflows: PublishedWorkflow[], { limits }: Settings): ServiceConfigView {
  return {
    task_types: toTaskTypes(workflows.filter(({ definition }) => definition.isEnabled)),
    formats: FORMATS,
    limits: {
      prompt_characters: 2_000,
      width: SIDE,
      height: SIDE,
      seed: { min: -1, max: Number.MAX_SAFE_INTEGER },
      upload_bytes: 10 * 1024 * 1024,
      page_size: { default: 50, max: 100 },
      queued_per_user: limits.queuedPerUser,
      running_per_user: limits.runningPerUser,
      requests_per_minute: limits.requestsPerUser,
    },
    presets: PRESETS,
  };
}

/** Types without a workflow are left out: nothing could run. */
function toTaskTypes(workflows: PublishedWorkflow[]): TaskTypeView[] {
  const names = new Map<TaskType, string[]>();
  for (const { workflowName, definition } of workflows) {
    names.set(definition.taskType, [...(names.get(definition.taskType) ?? []), workflowName]);
  }
  return [...names].map(([name, ofType]) => ({
    name,
    submit: `/api/v2/tasks/${name.replaceAll('_', '-')}`,
    default_workflow: ofType[0]!,
    workflows: ofType,
  }));
}
