import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags, ApiUnprocessableEntityResponse } from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { StatisticsAnswersService } from './statistics-answers.service.js';
import { FilteredQuery, RangeQuery, SeriesQuery, UsersQuery } from './statistics.query.js';
import {
  NodesStatisticsView,
  OverviewView,
  StorageStatisticsView,
  TaskSeriesView,
  TimesSeriesView,
  UsersStatisticsView,
  WorkflowsStatisticsView,
} from './statistics.view.js';

/** Figures for charts, counted by the hour; all hours and days are of UTC. */
@ApiTags('admin')
@ApiBearerAuth()
@ApiUnprocessableEntityResponse({ description: 'The range is none, or too long.' })
@Needs('statistics.read')
@UseGuards(AdminGuard)
@Controller('api/admin/statistics')
export class StatisticsController {
  constructor(private readonly answers: StatisticsAnswersService) {}

  @Get('tasks')
  @ApiOperation({ summary: 'Tasks by hour (at most 31 days) or day (at most 366)' })
  @ApiOkResponse({ type: TaskSeriesView })
  tasks(@Query() query: SeriesQuery): Promise<TaskSeriesView> {
    return this.answers.tasks(query);
  }

  @Get('times')
  @ApiOperation({ summary: 'How long tasks waited and ran, by hour (at most 3 days) or day (at most 366)' })
  @ApiOkResponse({ type: TimesSeriesView })
  times(@Query() query: SeriesQuery): Promise<TimesSeriesView> {
    return this.answers.times(query);
  }

  @Get('workflows')
  @ApiOperation({ summary: 'Counts, success and times by workflow, those with the most tasks first' })
  @ApiOkResponse({ type: WorkflowsStatisticsView })
  workflows(@Query() query: FilteredQuery): Promise<WorkflowsStatisticsView> {
    return this.answers.workflows(query);
  }

  @Get('nodes')
  @ApiOperation({ summary: 'Counts, success and times by the node on which tasks ended' })
  @ApiOkResponse({ type: NodesStatisticsView })
  nodes(@Query() query: FilteredQuery): Promise<NodesStatisticsView> {
    return this.answers.nodes(query);
  }

  @Get('users')
  @ApiOperation({ summary: 'Users by the machine time that their tasks took' })
  @ApiOkResponse({ type: UsersStatisticsView })
  users(@Query() query: UsersQuery): Promise<UsersStatisticsView> {
    return this.answers.users(query);
  }

  @Get('storage')
  @ApiOperation({ summary: 'What the store holds, and how it grew by day' })
  @ApiOkResponse({ type: StorageStatisticsView })
  storage(@Query() query: RangeQuery): Promise<StorageStatisticsView> {
    return this.answers.storage(query);
  }

  @Get('overview')
  @ApiOperation({ summary: 'Today, yesterday, this hour, and the queue now' })
  @ApiOkResponse({ type: OverviewView })
  overview(): Promise<OverviewView> {
    return this.answers.overview();
  }
}
