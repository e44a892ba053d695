import { Readable } from 'node:stream';
import {
  Controller,
  Delete,
  Get,
  Inject,
  Param,
  Put,
  Query,
  StreamableFile,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { SETTINGS, type Settings } from '../../config/index.js';
import { FlamesGuard, NeedsFlamesRole } from '../auth/flames.guard.js';
import { FlamesErrorFilter } from '../flames-error.filter.js';
import { ComparisonView, toComparisonView, toTrendView, TrendListView } from './comparison.view.js';
import { CompareEvaluationsQuery, ExportQuery, TrendsQuery } from './report-queries.js';
import { LegalHoldView, ReportView, toReportView } from './report.view.js';
import { ReportFilesService, type ReportFile } from './report-files.service.js';
import { ReportsService } from './reports.service.js';

const FILE = { schema: { type: 'string', format: 'binary' } } as const;

/** What completed evaluations came to, as JSON and as files. */
@ApiTags('flames')
@ApiBearerAuth()
@ApiNotFoundResponse({ description: 'No such evaluation: `{task_id, msg: "not found"}`.' })
@ApiBadRequestResponse({ description: 'Not completed yet: `{task_id, msg: "not completed"}`.' })
@UseGuards(FlamesGuard)
@UseFilters(FlamesErrorFilter)
@NeedsFlamesRole('viewer')
@Controller('api/flames')
export class ReportsController {
  private readonly zone: string;

  constructor(
    @Inject(SETTINGS) { flames }: Settings,
    private readonly reports: ReportsService,
    private readonly files: ReportFilesService,
  ) {
    this.zone = flames.timesZone;
  }

  @Get('report/:taskId')
  @ApiOkResponse({ type: ReportView })
  async get(@Param('taskId') taskId: string): Promise<ReportView> {
    return toReportView(await this.reports.getReport(taskId), this.zone);
  }

  @Get('report/:taskId/download')
  @ApiOperation({ summary: 'The report as PDF' })
  @ApiProduces('application/pdf')
  @ApiOkResponse(FILE)
  @ApiServiceUnavailableResponse({ description: 'It cannot be made now, or too many are being made.' })
  async downloadReport(@Param('taskId') taskId: string): Promise<StreamableFile> {
    return toStream(await this.files.makePdf(taskId));
  }

  @Get('report/:taskId/export')
  @ApiOperation({ summary: 'All log rows for spreadsheets and scripts' })
  @ApiProduces('text/csv', 'application/x-ndjson', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
  @ApiOkResponse(FILE)
  async export(@Param('taskId') taskId: string, @Query() { format }: ExportQuery): Promise<StreamableFile> {
    return toStream(await this.files.openExport(taskId, format));
  }

  @Get('logs/:taskId/download')
  @ApiOperation({ summary: 'All log rows as text' })
  @ApiProduces('text/plain')
  @ApiOkResponse(FILE)
  async downloadLogs(@Param('taskId') taskId: string): Promise<StreamableFile> {
    return toStream(await this.files.openLog(taskId));
  }

  @Get('compare')
  @ApiOperation({ summary: 'Two completed evaluations on the same dataset, prompt by prompt' })
  @ApiOkResponse({ type: ComparisonView })
  async compare(@Query() { a, b }: CompareEvaluationsQuery): Promise<ComparisonView> {
    return toComparisonView(await this.reports.compare(a, b), this.zone);
  }

  @Get('trends')
  @ApiOperation({ summary: 'Completed evaluations of a model over time' })
  @ApiOkResponse({ type: TrendListView })
  async trends(@Query() { model_name: modelName }: TrendsQuery): Promise<TrendListView> {
    const trends = await this.reports.listTrends(modelName);
    return { model_name: modelName, tasks: trends.map((trend) => toTrendView(trend, this.zone)) };
  }

  @Put('tasks/:taskId/legal-hold')
  @NeedsFlamesRole('operator')
  @ApiOperation({ summary: 'Keep the logs of this evaluation, however old they are' })
  @ApiOkResponse({ type: LegalHoldView })
  async hold(@Param('taskId') taskId: string): Promise<LegalHoldView> {
    return this.setLegalHold(taskId, true);
  }

  @Delete('tasks/:taskId/legal-hold')
  @NeedsFlamesRole('operator')
  @ApiOkResponse({ type: LegalHoldView })
  async release(@Param('taskId') taskId: string): Promise<LegalHoldView> {
    return this.setLegalHold(taskId, false);
  }

  private async setLegalHold(taskId: string, isHeld: boolean): Promise<LegalHoldView> {
    await this.reports.setLegalHold(taskId, isHeld);
    return { task_id: taskId, legal_hold: isHeld };
  }
}

/** Ids are of a kind that a header can hold, or there is no such task. */
function toStream({ name, mimeType, content }: ReportFile): StreamableFile {
  const options = { type: mimeType, disposition: `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_')}"` };
  return content instanceof Readable ? new StreamableFile(content, options) : new StreamableFile(content, options);
}
