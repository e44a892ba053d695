import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { AccessLogsQuery, LogPageQuery, LogStatisticsQuery, SystemLogsQuery } from './logs.query.js';
import { AccessLogPageView, LogStatisticsView, SystemLogPageView } from './logs.view.js';
import { LogsService } from './logs.service.js';

/** What the program said, and what users asked it for. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Needs('logs.read')
@Controller('api/admin/logs')
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Get('system')
  @ApiOperation({ summary: 'Lines of the system log, the newest first' })
  @ApiOkResponse({ type: SystemLogPageView })
  listSystem(@Query() query: SystemLogsQuery): Promise<SystemLogPageView> {
    return this.logs.listSystem(query);
  }

  @Get('access')
  @ApiOperation({ summary: "Answered requests of the users' side, the newest first" })
  @ApiOkResponse({ type: AccessLogPageView })
  listAccess(@Query() query: AccessLogsQuery): Promise<AccessLogPageView> {
    return this.logs.listAccess(query);
  }

  @Get('statistics')
  @ApiOperation({
    summary: 'Lines by level and by module, requests by route with their times',
    description: 'Of the last 24 hours where no times are given; at most 31 days.',
  })
  @ApiOkResponse({ type: LogStatisticsView })
  getStatistics(@Query() query: LogStatisticsQuery): Promise<LogStatisticsView> {
    return this.logs.getStatistics(query);
  }

  @Get('tasks/:taskId')
  @ApiOperation({
    summary: 'All lines about one task, the newest first',
    description: 'Lines outlive their task: an id that no task has (any more) is answered too, perhaps with none.',
  })
  @ApiOkResponse({ type: SystemLogPageView })
  @ApiNotFoundResponse({ description: 'It has not the form of a task id.' })
  listOfTask(@Param('taskId') taskId: string, @Query() query: LogPageQuery): Promise<SystemLogPageView> {
    return this.logs.listOfTask(taskId, query);
  }
}
