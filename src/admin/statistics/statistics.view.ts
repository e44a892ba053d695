import { ApiProperty, IntersectionType } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { Interval } from '../../shared/index.js';

const COUNTED_UNTIL = {
  type: String,
  format: 'date-time',
  nullable: true,
  description: 'Counted up to here, the end of the last hour; later ones are not in it. Null before the first count.',
} as const;

export class RangeView {
  @ApiProperty({ format: 'date-time' })
  from: string;

  @ApiProperty({ format: 'date-time', description: 'Not taken in any more.' })
  to: string;

  @ApiProperty(COUNTED_UNTIL)
  as_of: string | null;
}

export class TaskCountsView {
  @ApiProperty({ type: 'integer', description: 'By the time of submitting.' })
  submitted: number;

  @ApiProperty({ type: 'integer', description: 'By the time of the end, as all that follow.' })
  completed: number;

  @ApiProperty({ type: 'integer' })
  failed: number;

  @ApiProperty({ type: 'integer' })
  cancelled: number;

  @ApiProperty({ type: 'integer', description: 'Of the results.' })
  file_bytes: number;
}

export class TaskBucketView extends TaskCountsView {
  @ApiProperty({ format: 'date-time', description: 'The beginning of the hour or day, in UTC.' })
  time: string;

  @ApiProperty({ description: 'False where it is not over, or not counted yet.' })
  is_complete: boolean;
}

export class TaskSeriesView extends RangeView {
  @ApiProperty({ enum: ['hour', 'day'] })
  interval: Interval;

  @ApiProperty({ type: [TaskBucketView], description: 'One for each hour or day, also where nothing happened.' })
  series: TaskBucketView[];

  @ApiProperty({ type: TaskCountsView })
  total: TaskCountsView;
}

export class DurationsView {
  @ApiProperty({ type: 'integer', description: 'Completed tasks that were measured.' })
  count: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Exact.' })
  mean_ms: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Within 2.2 %, as the others.' })
  p50_ms: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  p90_ms: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  p95_ms: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  p99_ms: number | null;
}

export class TimesView {
  @ApiProperty({ type: DurationsView, description: 'From submit to start.' })
  wait: DurationsView;

  @ApiProperty({ type: DurationsView, description: 'From start to end.' })
  run: DurationsView;
}

export class TimesBucketView extends TimesView {
  @ApiProperty({ format: 'date-time' })
  time: string;
}

export class TimesSeriesView extends RangeView {
  @ApiProperty({ enum: ['hour', 'day'] })
  interval: Interval;

  @ApiProperty({ type: [TimesBucketView] })
  series: TimesBucketView[];

  @ApiProperty({ type: TimesView })
  total: TimesView;
}

export class SuccessView extends TaskCountsView {
  @ApiProperty({ type: Number, nullable: true, example: 0.98, description: 'completed / (completed + failed)' })
  success_rate: number | null;

  @ApiProperty({ type: DurationsView })
  wait: DurationsView;

  @ApiProperty({ type: DurationsView })
  run: DurationsView;
}

export class WorkflowStatisticsView extends SuccessView {
  @ApiProperty({ example: 'sd_basic' })
  workflow_name: string;

  @ApiProperty({ example: 'text_to_image' })
  task_type: string;
}

export class WorkflowsStatisticsView extends RangeView {
  @ApiProperty({ type: [WorkflowStatisticsView] })
  workflows: WorkflowStatisticsView[];
}

export class NodeStatisticsView extends SuccessView {
  @ApiProperty({ example: 'gpu-1' })
  node_id: string;
}

export class NodesStatisticsView extends RangeView {
  @ApiProperty({ type: [NodeStatisticsView] })
  nodes: NodeStatisticsView[];
}

export class UserStatisticsView extends TaskCountsView {
  @ApiProperty({ example: 'client' })
  source_type: string;

  @ApiProperty({ description: 'The client_id of a user, the id of an admin.' })
  source_user_id: string;

  @ApiProperty({ type: 'integer', description: 'Machine time of all its tasks, however they ended.' })
  run_ms: number;
}

export class UsersStatisticsView extends IntersectionType(RangeView, PageView) {
  @ApiProperty({ type: [UserStatisticsView] })
  users: UserStatisticsView[];
}

export class StorageDayView {
  @ApiProperty({ example: '2026-11-22' })
  date: string;

  @ApiProperty({ type: 'integer', description: 'Bytes of results that tasks of the day made.' })
  made_bytes: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'In the store when last looked at on this day.' })
  stored_bytes: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  stored_files: number | null;
}

export class StoredView {
  @ApiProperty({ type: 'integer' })
  files: number;

  @ApiProperty({ type: 'integer' })
  bytes: number;

  @ApiProperty({ format: 'date-time' })
  as_of: string;
}

export class StorageStatisticsView extends RangeView {
  @ApiProperty({ type: [StorageDayView] })
  series: StorageDayView[];

  @ApiProperty({ type: StoredView, nullable: true })
  now: StoredView | null;
}

export class LiveHourView {
  @ApiProperty({ format: 'date-time' })
  from: string;

  @ApiProperty({ type: 'integer' })
  submitted: number;

  @ApiProperty({ type: 'integer' })
  completed: number;

  @ApiProperty({ type: 'integer' })
  failed: number;

  @ApiProperty({ type: 'integer' })
  cancelled: number;
}

export class QueueNowView {
  @ApiProperty({ type: 'integer' })
  queued: number;

  @ApiProperty({ type: 'integer' })
  processing: number;
}

export class OverviewView {
  @ApiProperty(COUNTED_UNTIL)
  as_of: string | null;

  @ApiProperty({ type: TaskCountsView, description: 'Up to `as_of`.' })
  today: TaskCountsView;

  @ApiProperty({ type: TaskCountsView })
  yesterday: TaskCountsView;

  @ApiProperty({ type: LiveHourView, description: 'The hour that is not over, counted now.' })
  this_hour: LiveHourView;

  @ApiProperty({ type: QueueNowView, description: 'Counted now.' })
  queue: QueueNowView;

  @ApiProperty({ type: StoredView, nullable: true })
  storage: StoredView | null;
}
