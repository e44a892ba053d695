import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, IsString, Length, Max, MaxDate, Min, MinDate } from 'class-validator';
import { PageQuery } from '../../common/index.js';

/** What a column of times holds, with a day to spare. */
const FIRST_DAY = new Date('1000-01-02T00:00:00Z');
const LAST_DAY = new Date('9999-12-30T00:00:00Z');

/** Which of the failed tasks. */
export class DeadLetterFilterDto {
  @ApiPropertyOptional({ type: String, example: 'NODE_LOST' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  error_code?: string;

  @ApiPropertyOptional({ type: String, example: 'sd_basic' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  workflow_name?: string;

  @ApiPropertyOptional({ type: String, example: 'gpu-1', description: 'Where the last attempt was.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  node_id?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  @MinDate(FIRST_DAY)
  @MaxDate(LAST_DAY)
  failed_after?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  @MinDate(FIRST_DAY)
  @MaxDate(LAST_DAY)
  failed_before?: Date;
}

export class ListDeadLettersQuery extends IntersectionType(DeadLetterFilterDto, PageQuery) {}

/** Which run of the task is meant, so that the same call made twice runs it once. */
export class RedriveTaskDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'From the list of dead letters.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  run_no?: number;
}

export class RedriveManyDto extends DeadLetterFilterDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 100 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 100;
}
