import type { Provider, Type } from '@nestjs/common';
import { LegacyFiles } from '../legacy/legacy-files.js';
import { LegacyTasksRepository } from '../legacy/legacy-tasks.repository.js';
import { MigrateFilesService } from '../legacy/migrate-files.service.js';
import { RetentionRepository } from '../logs/retention.repository.js';
import { RetentionService } from '../logs/retention.service.js';
import { SpoolDrainService } from '../logs/spool-drain.service.js';
import { LogSpool } from '../logs/spool.js';
import { TaskLogsRepository } from '../logs/task-logs.repository.js';
import { TaskLogsService } from '../logs/task-logs.service.js';
import { LogMonitorController } from '../monitoring/log-monitor.controller.js';
import { LogMonitorRepository } from '../monitoring/log-monitor.repository.js';
import { LogMonitorService } from '../monitoring/log-monitor.service.js';
import { ReportFilesService } from './report-files.service.js';
import { ReportsController } from './reports.controller.js';
import { ReportsRepository } from './reports.repository.js';
import { ReportsService } from './reports.service.js';

/** Everything about rows of logs and what is made of them. */
export const LOG_PROVIDERS: Provider[] = [
  LegacyFiles,
  LegacyTasksRepository,
  LogMonitorRepository,
  LogMonitorService,
  MigrateFilesService,
  RetentionRepository,
  RetentionService,
  LogSpool,
  ReportFilesService,
  ReportsRepository,
  ReportsService,
  SpoolDrainService,
  TaskLogsRepository,
  TaskLogsService,
];

export const LOG_EXPORTS = [MigrateFilesService, RetentionService, SpoolDrainService, TaskLogsService];

export const REPORT_CONTROLLERS: Type[] = [ReportsController, LogMonitorController];
