import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { InvalidInputError, PageQuery } from '../../common/index.js';
import {
  DAY_MS,
  HOUR_MS,
  readMoment,
  startOf,
  widen,
  type Interval,
  type StatisticsFilter,
} from '../../shared/index.js';

/** From when to when; whole hours or days that hold it are answered. */
export class RangeQuery {
  @ApiPropertyOptional({
    type: String,
    example: '2026-11-01',
    description: 'A day or a time in UTC; left out: a day or 30 days before `to`.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 40)
  from?: string;

  @ApiPropertyOptional({
    type: String,
    example: '2026-11-30',
    description: 'A day, which is taken in, or a time; left out: now.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 40)
  to?: string;
}

export class FilteredQuery extends RangeQuery {
  @ApiPropertyOptional({ type: String, example: 'text_to_image' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  task_type?: string;

  @ApiPropertyOptional({ type: String, example: 'sd_basic' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  workflow?: string;

  @ApiPropertyOptional({ type: String, example: 'gpu-1', description: 'No task has a node when it is submitted.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  node?: string;

  @ApiPropertyOptional({ enum: ['client', 'admin'] })
  @IsOptional()
  @IsIn(['client', 'admin'])
  source?: string;
}

export class SeriesQuery extends FilteredQuery {
  @ApiPropertyOptional({ enum: ['hour', 'day'], default: 'day' })
  @IsOptional()
  @IsIn(['hour', 'day'])
  interval: Interval = 'day';
}

export class UsersQuery extends IntersectionType(RangeQuery, PageQuery) {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  override limit: number = 20;
}

const SIZES = { hour: HOUR_MS, day: DAY_MS };
const DEFAULT_BUCKETS = { hour: 24, day: 30 };

/** How many hours or days one answer holds at most. */
export type Bounds = Record<Interval, number>;

/** Checks the times, and that there are not more hours or days than the route answers. */
export function toFilter(query: Partial<SeriesQuery>, now: Date, bounds: Bounds): StatisticsFilter {
  const { interval = 'day' } = query;
  const size = SIZES[interval];
  const to = query.to === undefined ? now : readMoment(query.to, 'to');
  const from =
    query.from === undefined
      ? new Date(startOf(new Date(to.getTime() - 1), size).getTime() - (DEFAULT_BUCKETS[interval] - 1) * size)
      : readMoment(query.from, 'from');
  if (from >= to) throw refuse('from has to lie before to.');
  const range = widen({ from, to }, interval);
  const count = (range.to.getTime() - range.from.getTime()) / size;
  const most = bounds[interval];
  if (count > most) throw refuse(`That are ${count} ${interval}s; ask for ${most} ${interval}s at most.`);
  return {
    ...range,
    interval,
    taskType: query.task_type,
    workflowName: query.workflow,
    nodeId: query.node,
    sourceType: query.source,
  };
}

function refuse(message: string): InvalidInputError {
  return new InvalidInputError([{ field: 'from', message }], 'RANGE_REFUSED');
}
