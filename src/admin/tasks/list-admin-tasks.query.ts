import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../../common/index.js';
import { TASK_STATUSES, type TaskStatus, type TaskType } from '../../shared/index.js';

/** Which of all users' tasks are asked for. */
export class ListAdminTasksQuery extends PageQuery {
  @ApiPropertyOptional({ enum: TASK_STATUSES })
  @IsOptional()
  @IsIn(TASK_STATUSES)
  status?: TaskStatus;

  @ApiPropertyOptional({ enum: ['text_to_image', 'image_to_video'] })
  @IsOptional()
  @IsIn(['text_to_image', 'image_to_video'])
  task_type?: TaskType;
}
