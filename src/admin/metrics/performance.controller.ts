import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminGuard, Needs } from '../auth/admin.guard.js';
import { HistoryQuery, SpanQuery } from './performance.query.js';
import { PerformanceService } from './performance.service.js';
import { CurrentView, HistoryView, SummaryView } from './performance.view.js';
import { SystemStatusService } from './system-status.service.js';
import { SystemStatusView } from './system-status.view.js';

/** How the installation is doing, now and over the last weeks. */
@ApiTags('performance')
@ApiBearerAuth()
@UseGuards(AdminGuard)
@Needs('metrics.read')
@Controller()
export class PerformanceController {
  constructor(
    private readonly status: SystemStatusService,
    private readonly performance: PerformanceService,
  ) {}

  @Get('admin/system/status')
  @ApiOperation({ summary: 'Nodes, tasks and the load of the machine that answers; seconds old at the most' })
  @ApiOkResponse({ type: SystemStatusView })
  getStatus(): Promise<SystemStatusView> {
    return this.status.get();
  }

  @Get('api/admin/performance/current')
  @ApiOperation({ summary: 'The samples of the last minute' })
  @ApiOkResponse({ type: CurrentView })
  getCurrent(): Promise<CurrentView> {
    return this.performance.getCurrent();
  }

  @Get('api/admin/performance/history')
  @ApiOperation({ summary: 'One metric over time, by node and tags; the last hour where no time is given' })
  @ApiOkResponse({ type: HistoryView })
  getHistory(@Query() query: HistoryQuery): Promise<HistoryView> {
    return this.performance.getHistory(query);
  }

  @Get('api/admin/performance/summary')
  @ApiOperation({ summary: 'Least, average, most and 95th percentile of every metric; the last day, at most three' })
  @ApiOkResponse({ type: SummaryView })
  getSummary(@Query() query: SpanQuery): Promise<SummaryView> {
    return this.performance.getSummary(query);
  }
}
