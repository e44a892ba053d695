import { ApiProperty } from '@nestjs/swagger';
import type { FieldProblem } from '../../common/index.js';
import type { ParameterType, PublishedWorkflow, TaskType } from '../../shared/index.js';
import { defaultOf } from '../tasks/resolve-parameters.js';

/** A parameter that a submit may set. */
export class WorkflowParameterView {
  @ApiProperty({ type: String, example: 'steps' }) name: string;
  @ApiProperty({ enum: ['string', 'int', 'float', 'boolean', 'json'] }) type: ParameterType;
  @ApiProperty({ description: 'The value where a submit says nothing.', example: 20, nullable: true, type: Object })
  default: unknown;
  @ApiProperty({ type: String, example: 'Sampling steps' }) description: string;
  @ApiProperty({ type: String, example: 'Steps' }) display_name: string;
  @ApiProperty({ type: Boolean, example: false, description: 'A submit must name it.' }) required: boolean;
  @ApiProperty({ type: Number, nullable: true, example: 1 }) min: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 50 }) max: number | null;
  @ApiProperty({ type: [Object], nullable: true, example: null, description: 'The values that alone are taken.' })
  options: (string | number)[] | null;
}

/** A workflow as those see it who run it: its graph and its nodes are not theirs to know. */
export class WorkflowView {
  @ApiProperty({ type: String, example: 'sd_basic', description: '`workflow_name` of a submit.' }) name: string;
  @ApiProperty({ type: String, example: 'Stable Diffusion 1.5' }) display_name: string;
  @ApiProperty({ enum: ['text_to_image', 'image_to_video'] }) task_type: TaskType;
  @ApiProperty({ type: String, example: 'One sampler, no extras' }) description: string;
  @ApiProperty({ type: 'integer', example: 3, description: 'The published version that new tasks run.' })
  version: number;
  @ApiProperty({ type: String, example: '1.0', description: "The author's own label." }) version_label: string;
  @ApiProperty({ type: 'integer', example: 30, description: 'Seconds.' }) estimated_time: number;
  @ApiProperty({ type: [WorkflowParameterView] }) parameters: WorkflowParameterView[];
}

export class WorkflowListView {
  @ApiProperty({ type: [WorkflowView] }) workflows: WorkflowView[];
  @ApiProperty({ type: 'integer', example: 4 }) total: number;
}

const PROBLEM = { field: 'width', message: 'width must be divisible by 8.' };

/** What a submit would say and run. */
export class SubmitCheckView {
  @ApiProperty({ type: Boolean, example: false }) valid: boolean;
  @ApiProperty({ example: [PROBLEM], description: 'A submit would answer 422 with these.', type: [Object] })
  errors: FieldProblem[];
  @ApiProperty({ example: [], description: 'What a submit would ignore.', type: [Object] })
  warnings: FieldProblem[];
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { prompt: 'a lighthouse', width: 512, seed: -1 },
    description: 'All parameters with the values that a task would run with; a seed of -1 is drawn at the submit.',
  })
  processed_params: Record<string, unknown>;
}

export function toWorkflowView({ workflowName, version, definition }: PublishedWorkflow): WorkflowView {
  return {
    name: workflowName,
    display_name: definition.displayName,
    task_type: definition.taskType,
    description: definition.description,
    version,
    version_label: definition.versionLabel,
    estimated_time: definition.estimatedTimeSeconds,
    parameters: definition.parameters
      .filter(({ isOpenToClients }) => isOpenToClients)
      .map((parameter) => ({
        name: parameter.name,
        type: parameter.type,
        default: defaultOf(definition, parameter) ?? null,
        description: parameter.description,
        display_name: parameter.displayName ?? parameter.name,
        required: parameter.isRequired ?? false,
        min: parameter.min ?? null,
        max: parameter.max ?? null,
        options: parameter.options ?? null,
      })),
  };
}
