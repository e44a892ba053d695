import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, LOGGER, UnavailableError, type Logger } from '../../common/index.js';
import { SETTINGS, type Settings } from '../../config/index.js';
import { TaskLogsService } from '../logs/task-logs.service.js';
import { showTime } from '../shown-time.js';
import { EXPORTS, type ExportFormat } from './log-exports.js';
import { toLogText } from './log-text.js';
import { BoundedTurns } from './pdf/bounded-turns.js';
import { makePdfAside } from './pdf/make-pdf-aside.js';
import { ReportsService, type Report } from './reports.service.js';

export interface ReportFile {
  name: string;
  mimeType: string;
  content: Readable | Uint8Array;
}

/** Each holds two fonts of 10 MB and a thread while it is made; who waits behind so many has long given up. */
const MOST_WAITING = 8;

/** Completed tasks as files. Rows are streamed, page by page as the reader takes them; a PDF is made whole. */
@Injectable()
export class ReportFilesService {
  private readonly turns = new BoundedTurns(MOST_WAITING);
  private readonly zone: string;

  constructor(
    @Inject(SETTINGS) { flames }: Settings,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly reports: ReportsService,
    private readonly logs: TaskLogsService,
  ) {
    this.zone = flames.timesZone;
  }

  async openLog(taskId: string): Promise<ReportFile> {
    const pages = await this.openPages(taskId);
    const text = toLogText({ taskId, generatedAt: showTime(this.clock.now(), this.zone)! }, pages);
    const content = Readable.from(text, { objectMode: false });
    return { name: `Flames_logs_${taskId}.log`, mimeType: 'text/plain; charset=utf-8', content };
  }

  async openExport(taskId: string, format: ExportFormat): Promise<ReportFile> {
    const { mimeType, write } = EXPORTS[format];
    return { name: `Flames_logs_${taskId}.${format}`, mimeType, content: write(await this.openPages(taskId)) };
  }

  async makePdf(taskId: string): Promise<ReportFile> {
    const report = await this.reports.getReport(taskId);
    const turn = this.turns.take(() => this.makePages(report));
    if (!turn) throw new UnavailableError('Too many reports are being made; try again shortly.', 'PDF_BUSY');
    return { name: `Flames_Report_${taskId}.pdf`, mimeType: 'application/pdf', content: await turn };
  }

  private async makePages(report: Report): Promise<Buffer> {
    try {
      return await makePdfAside(report, { zone: this.zone, now: this.clock.now() });
    } catch (cause) {
      this.logger.error({ err: cause, taskId: report.task.taskId }, 'the PDF of a report could not be made');
      const message = 'The PDF cannot be made now; the report as JSON and its exports are not affected.';
      throw new UnavailableError(message, 'PDF_UNAVAILABLE', { cause });
    }
  }

  private async openPages(taskId: string) {
    await this.reports.getCompleted(taskId);
    return (await this.logs.openTaskLogs(taskId)).pages;
  }
}
