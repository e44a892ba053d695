import type { Provider, Type } from '@nestjs/common';
import { LegacyFiles } from '../legacy/legacy-files.js';
import { SpoolDrainService } from '../logs/spool-drain.service.js';
import { LogSpool } from '../logs/spool.js';
import { TaskLogsRepository } from '../logs/task-logs.repository.js';
import { TaskLogsService } from '../logs/task-logs.service.js';
import { ReportFilesService } from './report-files.service.js';
import { ReportsController } from './reports.controller.js';
import { ReportsRepository } from './reports.repository.js';
import { ReportsService } from './reports.service.js';

/** Everything about rows of logs and what is made of them. */
export const LOG_PROVIDERS: Provider[] = [
  LegacyFiles,
  LogSpool,
  ReportFilesService,
  ReportsRepository,
  ReportsService,
  SpoolDrainService,
  TaskLogsRepository,
  TaskLogsService,
];

export const LOG_EXPORTS = [SpoolDrainService, TaskLogsService];

export const REPORT_CONTROLLERS: Type[] = [ReportsController];
