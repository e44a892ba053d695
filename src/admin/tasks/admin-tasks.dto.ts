import { ApiProperty, ApiPropertyOptional, IntersectionType, OmitType } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { PageQuery, StrictBody } from '../../common/index.js';
import { TASK_STATUSES, type TaskOrder, type TaskStatus, type TaskType } from '../../shared/index.js';
import { OptionalMoment } from '../moments.js';

const TASK_TYPES = ['text_to_image', 'image_to_video'] as const;
const ORDERS = ['newest', 'oldest'] as const;
export const MAX_PRIORITY = 10;

/** Which of all users' tasks. */
export class TaskFilterDto {
  @ApiPropertyOptional({ enum: TASK_STATUSES })
  @IsOptional()
  @IsIn(TASK_STATUSES)
  status?: TaskStatus;

  @ApiPropertyOptional({ enum: TASK_TYPES })
  @IsOptional()
  @IsIn(TASK_TYPES)
  task_type?: TaskType;

  @ApiPropertyOptional({ type: String, example: 'alice', description: 'A client_id or a username, whole.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  user?: string;

  @ApiPropertyOptional({ type: String, example: 'sd_basic' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  workflow?: string;

  @ApiPropertyOptional({ type: String, example: 'gpu-1', description: 'Where the latest attempt is or was.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  node?: string;

  @ApiPropertyOptional({ type: String, example: 'NODE_LOST' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  error_code?: string;

  @ApiPropertyOptional({
    type: String,
    example: '01994a7e-5b7f',
    description: 'The beginning of a task_id (8 characters of it or more), or else a part of the prompt.',
  })
  @IsOptional()
  @IsString()
  @Length(2, 100)
  q?: string;

  @OptionalMoment('Made at this time or later.')
  from?: Date;

  @OptionalMoment('Made before this time.')
  to?: Date;
}

export class ListAdminTasksQuery extends IntersectionType(TaskFilterDto, PageQuery) {
  @ApiPropertyOptional({ enum: ORDERS, default: 'newest' })
  @IsOptional()
  @IsIn(ORDERS)
  order: TaskOrder = 'newest';

  @ApiPropertyOptional({ type: String, description: 'The next_cursor of the page before; offset counts from there.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  cursor?: string;
}

@StrictBody()
export class CancelManyDto extends OmitType(TaskFilterDto, ['status'] as const) {
  @ApiPropertyOptional({ enum: ['queued', 'processing'], description: 'Both where left out.' })
  @IsOptional()
  @IsIn(['queued', 'processing'])
  status?: 'queued' | 'processing';

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 100 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 100;

  @ApiPropertyOptional({ type: String, description: 'The next_cursor of the call before.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  cursor?: string;
}

@StrictBody()
export class SetPriorityDto {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: MAX_PRIORITY,
    example: 5,
    description: "Users' tasks have 1. Higher ones go first.",
  })
  @IsInt()
  @Min(0)
  @Max(MAX_PRIORITY)
  priority: number;
}
