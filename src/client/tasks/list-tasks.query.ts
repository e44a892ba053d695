import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../../common/index.js';
import { TASK_STATUSES, type TaskStatus, type TaskType } from '../../shared/index.js';

/** Which of the caller's tasks are asked for. */
export class ListTasksQuery extends PageQuery {
  @ApiPropertyOptional({ enum: TASK_STATUSES })
  @IsOptional()
  @IsIn(TASK_STATUSES)
  status?: TaskStatus;

  @ApiPropertyOptional({ enum: ['text_to_image', 'image_to_video'] })
  @IsOptional()
  @IsIn(['text_to_image', 'image_to_video'])
  task_type?: TaskType;

  /** Instead of an offset. */
  @ApiPropertyOptional({ type: String, maxLength: 100, description: 'The `next_cursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  cursor?: string;
}
