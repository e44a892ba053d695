import { Controller, Get, Inject, UseFilters, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SETTINGS, type Settings } from '../../config/index.js';
import { FlamesGuard, NeedsFlamesRole } from '../auth/flames.guard.js';
import { FlamesErrorFilter } from '../flames-error.filter.js';
import { LogMonitorService } from './log-monitor.service.js';
import { LogTableView, toLogTableView } from './log-table.view.js';

/** The table of logs, for those who run it. */
@ApiTags('flames')
@ApiBearerAuth()
@UseGuards(FlamesGuard)
@UseFilters(FlamesErrorFilter)
@NeedsFlamesRole('viewer')
@Controller('api/flames/admin/logs')
export class LogMonitorController {
  private readonly zone: string;

  constructor(
    @Inject(SETTINGS) { flames }: Settings,
    private readonly monitor: LogMonitorService,
  ) {
    this.zone = flames.timesZone;
  }

  @Get('stats')
  @ApiOperation({ summary: 'Size of the table of logs, rows per evaluation, oldest rows, last clean-up' })
  @ApiOkResponse({ type: LogTableView })
  async getStatistics(): Promise<LogTableView> {
    return toLogTableView(await this.monitor.getStatistics(), this.zone);
  }
}
