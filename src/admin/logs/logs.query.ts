import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import type { SystemLogLevel } from './to-system-log.js';
import { OptionalMoment } from '../moments.js';

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const satisfies SystemLogLevel[];
/** Of which time; `to` is not in it. */
export class LogTimesQuery {
  @OptionalMoment('At this time or later.')
  from?: Date;

  @OptionalMoment('Before this time.')
  to?: Date;
}

export class LogPageQuery extends LogTimesQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;

  @ApiPropertyOptional({ type: String, description: 'The next_cursor of the page before.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  cursor?: string;
}

export class SystemLogsQuery extends LogPageQuery {
  @ApiPropertyOptional({
    type: String,
    example: 'ERROR,CRITICAL',
    description: 'One level, or several with commas between them.',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => toList(value))
  @IsIn(LEVELS, { each: true })
  level?: SystemLogLevel[];

  @ApiPropertyOptional({ type: String, example: 'Scheduler', description: 'The class that spoke.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  module?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @Length(1, 36)
  task_id?: string;

  @ApiPropertyOptional({ type: String, example: 'gpu-1' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  node_id?: string;

  @ApiPropertyOptional({ type: String, example: 'lease lost', description: 'A part of the message.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string;
}

export class AccessLogsQuery extends LogPageQuery {
  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @Length(1, 36)
  client_id?: string;

  @ApiPropertyOptional({ type: String, example: 'GET /api/v2/tasks', description: 'Method and route.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  action?: string;

  @ApiPropertyOptional({ type: 'integer', example: 400, description: 'Answered with this status or above.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(599)
  min_status?: number;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  ip_address?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  request_id?: string;
}

export class LogStatisticsQuery extends LogTimesQuery {
  @ApiPropertyOptional({ enum: ['hour', 'day'], default: 'hour' })
  @IsOptional()
  @IsIn(['hour', 'day'])
  by: 'hour' | 'day' = 'hour';
}

function toList(value: unknown): unknown {
  return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
}
