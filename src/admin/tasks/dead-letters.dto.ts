import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { PageQuery, StrictBody } from '../../common/index.js';
import { OptionalMoment } from '../moments.js';

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

  @OptionalMoment('Failed at this time or later.')
  failed_after?: Date;

  @OptionalMoment('Failed before this time.')
  failed_before?: Date;
}

export class ListDeadLettersQuery extends IntersectionType(DeadLetterFilterDto, PageQuery) {}

/** Which run of the task is meant, so that the same call made twice runs it once. */
@StrictBody()
export class RedriveTaskDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'From the list of dead letters.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  run_no?: number;
}

@StrictBody()
export class RedriveManyDto extends DeadLetterFilterDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 100 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 100;
}
