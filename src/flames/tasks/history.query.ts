import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { FLAMES_TASK_STATUSES, type FlamesTaskStatus } from './task-state.js';

/** Which tasks of the history; nothing asked for: the newest ten thousand, as the deployed dashboard expects. */
export class FlamesHistoryQuery {
  @ApiPropertyOptional({ type: String, maxLength: 255 })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  model_name?: string;

  @ApiPropertyOptional({ type: 'integer' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  dataset_id?: number;

  @ApiPropertyOptional({ enum: FLAMES_TASK_STATUSES })
  @IsOptional()
  @IsIn(FLAMES_TASK_STATUSES)
  status?: FlamesTaskStatus;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1_000 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  offset?: number;
}
