import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { METRIC_TYPES, type MetricType } from './performance-metrics.repository.js';
import { OptionalMoment } from '../moments.js';

/** A span of time, by default the latest. */
export class SpanQuery {
  @OptionalMoment('At this time or later.')
  from?: Date;

  @OptionalMoment('Up to this time; now where left out.')
  to?: Date;
}

/** One metric over time. */
export class HistoryQuery extends SpanQuery {
  @ApiProperty({ enum: METRIC_TYPES })
  @IsIn(METRIC_TYPES)
  metric_type: MetricType;

  @ApiProperty({ example: 'queue_depth' })
  @IsString()
  @Length(1, 100)
  metric_name: string;

  @ApiPropertyOptional({ type: 'integer', description: 'The number of one node, as answers name it' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  node_id?: number;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'Seconds that a point stands for; so that there are at most 300 where left out',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(60)
  @Max(86_400)
  step?: number;
}
