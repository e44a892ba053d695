import { ApiProperty, ApiPropertyOptional, IntersectionType, PartialType, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { StrictBody } from '../../common/index.js';
import { AdminPageQuery } from '../admin-page.query.js';
import type { ParameterType, TaskType } from '../../shared/index.js';

export const TASK_TYPES = ['text_to_image', 'image_to_video'] as const;
export const PARAMETER_TYPES = ['string', 'int', 'float', 'boolean', 'json'] as const;
const MAX_INT = 2_147_483_647;

/** Where a parameter's value goes, and what it may be. */
export class TemplateParameterDto {
  @ApiProperty({ type: String, example: 'steps' })
  @Matches(/^[a-z]\w{0,63}$/i, { message: 'name must be 1 to 64 letters, digits and underscores' })
  name: string;

  @ApiProperty({ type: String, example: '3', description: 'A node of the graph.' })
  @IsString()
  @Length(1, 64)
  node_id: string;

  @ApiProperty({ type: String, example: 'steps' })
  @IsString()
  @Length(1, 190)
  input_name: string;

  @ApiProperty({ enum: PARAMETER_TYPES })
  @IsIn(PARAMETER_TYPES)
  type: ParameterType;

  @ApiPropertyOptional({ type: Object, nullable: true, example: 20, description: "Left out: the graph's own value." })
  @Allow()
  default_value?: unknown;

  @ApiPropertyOptional({ type: Number, nullable: true, example: 1 })
  @IsOptional()
  @IsNumber()
  min?: number | null;

  @ApiPropertyOptional({ type: Number, nullable: true, example: 50 })
  @IsOptional()
  @IsNumber()
  max?: number | null;

  @ApiPropertyOptional({ type: [Object], nullable: true, example: null, description: 'Alone these are taken.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1_000)
  options?: (string | number)[] | null;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'A submit must name it.' })
  @IsOptional()
  @IsBoolean()
  is_required?: boolean;

  @ApiPropertyOptional({ type: Boolean, default: true, description: 'A submit may set it.' })
  @IsOptional()
  @IsBoolean()
  is_open?: boolean;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Steps' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  display_name?: string | null;

  @ApiPropertyOptional({ type: String, example: 'Sampling steps' })
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  description?: string;
}

/** What a draft is made of. */
class TemplateFieldsDto {
  @ApiProperty({ enum: TASK_TYPES })
  @IsIn(TASK_TYPES)
  task_type: TaskType;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: "ComfyUI's API format: Workflow → Export (API).",
    example: { '1': { class_type: 'EmptyImage', inputs: { width: 512, height: 512, batch_size: 1, color: 0 } } },
  })
  @IsDefined()
  graph: unknown;

  @ApiPropertyOptional({ type: String, example: 'Stable Diffusion 1.5' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  display_name?: string;

  @ApiPropertyOptional({ type: String, example: 'One sampler, no extras' })
  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  description?: string;

  @ApiPropertyOptional({ type: String, example: '1.0' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  version_label?: string;

  @ApiPropertyOptional({ type: [TemplateParameterDto] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => TemplateParameterDto)
  parameters?: TemplateParameterDto[];

  @ApiPropertyOptional({ type: 'integer', example: 30, description: 'Seconds, until real runs tell.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  estimated_time?: number;

  @ApiPropertyOptional({ type: 'integer', example: 0, description: 'Of all users on all nodes; 0: no limit.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  max_concurrent_tasks?: number;
}

@StrictBody()
export class CreateTemplateDto extends TemplateFieldsDto {
  @ApiProperty({ type: String, example: 'sd_basic', description: '`workflow_name` of submits. It never changes.' })
  @Matches(/^[\p{L}\p{N}][\p{L}\p{N} ._()+-]{0,98}[\p{L}\p{N}_)+-]?$/u, {
    message: 'name must be 1 to 100 letters, digits, spaces and . _ ( ) + -',
  })
  name: string;
}

@StrictBody()
export class RevisionDto {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    example: 4,
    description: '`revision` as it was read: 409 where somebody else changed the template since.',
  })
  @IsInt()
  @Min(1)
  @Max(MAX_INT)
  revision: number;
}

@StrictBody()
export class ChangeTemplateDto extends IntersectionType(PartialType(TemplateFieldsDto), RevisionDto) {}

@StrictBody()
export class RollBackDto extends RevisionDto {
  @ApiProperty({ type: 'integer', minimum: 1, example: 2, description: 'Its content becomes the next version.' })
  @IsInt()
  @Min(1)
  @Max(MAX_INT)
  version: number;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Give up changes that were never published.' })
  @IsOptional()
  @IsBoolean()
  discard_draft?: boolean;
}

@StrictBody()
export class EnableDto extends PickType(RevisionDto, ['revision']) {
  @ApiProperty({ type: Boolean, example: false })
  @IsBoolean()
  is_enabled: boolean;
}

export class ListTemplatesQuery extends AdminPageQuery {
  @ApiPropertyOptional({ type: String, example: 'basic', description: 'In name and description.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  q?: string;

  @ApiPropertyOptional({ enum: TASK_TYPES })
  @IsOptional()
  @IsIn(TASK_TYPES)
  task_type?: TaskType;

  @ApiPropertyOptional({ enum: ['true', 'false'] })
  @IsOptional()
  @IsIn(['true', 'false'])
  is_enabled?: 'true' | 'false';
}

export class CompareQuery {
  @ApiPropertyOptional({ type: String, default: 'published', example: '1', description: 'A number, published, draft.' })
  @IsOptional()
  @Matches(/^(published|draft|\d{1,9})$/, { message: 'from must be a version, published or draft' })
  from: string = 'published';

  @ApiPropertyOptional({ type: String, default: 'draft', example: '2', description: 'A number, published, draft.' })
  @IsOptional()
  @Matches(/^(published|draft|\d{1,9})$/, { message: 'to must be a version, published or draft' })
  to: string = 'draft';
}

@StrictBody()
export class TryTemplateDto {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { prompt: 'a lighthouse' },
    description:
      'Values of parameters, also of those that submits may not set. In the place of the picture of image_to_video stands a plain one.',
  })
  @IsOptional()
  @Allow()
  parameters?: unknown;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Render it once, apart from the queue.' })
  @IsOptional()
  @IsBoolean()
  run?: boolean;

  @ApiPropertyOptional({
    type: String,
    example: 'gpu-1',
    description: 'Where; the least loaded that can, if left out.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  node_id?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 900, default: 60 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(900)
  timeout_seconds: number = 60;
}
