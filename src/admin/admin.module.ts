import { Module } from '@nestjs/common';
import { adminDataSourceOptions } from '../../ormconfig/admin.js';
import { DatabaseModule, outboxProvider, outboxToken } from '../database/index.js';
import { SharedModule } from '../shared/index.js';
import { AdminAccountsController } from './accounts/admin-accounts.controller.js';
import { AdminAccountsService } from './accounts/admin-accounts.service.js';
import { OthersAccountsService } from './accounts/others-accounts.service.js';
import { OwnAccountController } from './accounts/own-account.controller.js';
import { OwnAccountService } from './accounts/own-account.service.js';
import { AdminAuthController } from './auth/admin-auth.controller.js';
import { AdminAuthService } from './auth/admin-auth.service.js';
import { AdminCredentialsService } from './auth/admin-credentials.service.js';
import { AdminSessionsRepository } from './auth/admin-sessions.repository.js';
import { AdminSessionsService } from './auth/admin-sessions.service.js';
import { AdminUsersRepository } from './auth/admin-users.repository.js';
import { AdminUsersService } from './auth/admin-users.service.js';
import { SecondFactorsRepository } from './auth/second-factors.repository.js';
import { SecondFactorsService } from './auth/second-factors.service.js';
import { AdminSessionRetentionRepository } from './auth/admin-session-retention.repository.js';
import { AuditLogsRepository } from './audit/audit-logs.repository.js';
import { AuditReadsService } from './audit/audit-reads.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditService } from './audit/audit.service.js';
import { FilesController } from './files/files.controller.js';
import { FilesService } from './files/files.service.js';
import { StorageUseService } from './files/storage-use.service.js';
import { JobRunsRepository } from './jobs/job-runs.repository.js';
import { PerformanceController } from './metrics/performance.controller.js';
import { PerformanceMetricsRepository } from './metrics/performance-metrics.repository.js';
import { PerformanceService } from './metrics/performance.service.js';
import { SystemStatusService } from './metrics/system-status.service.js';
import { LogStatisticsRepository } from './logs/log-statistics.repository.js';
import { LogsController } from './logs/logs.controller.js';
import { LogsService } from './logs/logs.service.js';
import { MetricRetentionRepository } from './logs/metric-retention.repository.js';
import { SystemLogsRepository } from './logs/system-logs.repository.js';
import { SystemLogWriter } from './logs/system-log-writer.service.js';
import { ClusterService } from './nodes/cluster.service.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsRepository } from './models/models.repository.js';
import { ModelsService } from './models/models.service.js';
import { ModelsSyncService } from './models/models-sync.service.js';
import { NodeCordonsService } from './nodes/node-cordons.service.js';
import { NodeEditsController } from './nodes/node-edits.controller.js';
import { NodeEditsRepository } from './nodes/node-edits.repository.js';
import { NodeEditsService } from './nodes/node-edits.service.js';
import { NodeHealthRepository } from './nodes/node-health.repository.js';
import { NodeRegistrationsController } from './nodes/node-registrations.controller.js';
import { NodeRegistrationsService } from './nodes/node-registrations.service.js';
import { NodeTokensService } from './nodes/node-tokens.service.js';
import { NodesController } from './nodes/nodes.controller.js';
import { NodesRepository } from './nodes/nodes.repository.js';
import { NodesService } from './nodes/nodes.service.js';
import { SettingsController } from './settings/settings.controller.js';
import { SettingsOverlay } from './settings/settings-overlay.service.js';
import { SettingsRepository } from './settings/settings.repository.js';
import { SettingsService } from './settings/settings.service.js';
import { StatisticsAnswersService } from './statistics/statistics-answers.service.js';
import { StatisticsController } from './statistics/statistics.controller.js';
import { AdminTasksController } from './tasks/admin-tasks.controller.js';
import { AdminTasksService } from './tasks/admin-tasks.service.js';
import { OutputGuard } from './tasks/output.guard.js';
import { OutputLinksService } from './tasks/output-links.service.js';
import { OutputsController } from './tasks/outputs.controller.js';
import { TaskAuditsRepository } from './tasks/task-audits.repository.js';
import { TaskDetailsService } from './tasks/task-details.service.js';
import { TaskOperationsService } from './tasks/task-operations.service.js';
import { TaskStoriesService } from './tasks/task-stories.service.js';
import { AdminGuard } from './auth/admin.guard.js';
import { DeadLettersController } from './tasks/dead-letters.controller.js';
import { DeadLettersService } from './tasks/dead-letters.service.js';
import { Publications } from './workflows/publications.service.js';
import { PublishingService } from './workflows/publishing.service.js';
import { TemplatesController } from './workflows/templates.controller.js';
import { TemplatesService } from './workflows/templates.service.js';
import { TrialsService } from './workflows/trials.service.js';
import { UsersController } from './users/users.controller.js';
import { UsersService } from './users/users.service.js';
import { WorkflowTemplatesRepository } from './workflows/workflow-templates.repository.js';
import { WorkflowsService } from './workflows/workflows.service.js';

/** The side of those who run the installation: accounts, the fleet, workflow templates, in `comfyui_admin`. */
@Module({
  imports: [DatabaseModule.bind('admin', adminDataSourceOptions), SharedModule],
  controllers: [
    AdminAccountsController,
    AdminAuthController,
    AdminTasksController,
    AuditController,
    DeadLettersController,
    ModelsController,
    LogsController,
    NodeRegistrationsController,
    NodesController,
    OwnAccountController,
    SettingsController,
    TemplatesController,
    PerformanceController,
    StatisticsController,
    FilesController,
    NodeEditsController,
    OutputsController,
    UsersController,
  ],
  providers: [
    AdminAccountsService,
    AdminAuthService,
    AdminCredentialsService,
    AdminSessionRetentionRepository,
    AdminGuard,
    AdminSessionsRepository,
    AdminSessionsService,
    AdminTasksService,
    AdminUsersRepository,
    AdminUsersService,
    AuditLogsRepository,
    AuditReadsService,
    AuditService,
    ClusterService,
    DeadLettersService,
    FilesService,
    JobRunsRepository,
    ModelsRepository,
    ModelsService,
    ModelsSyncService,
    LogsService,
    LogStatisticsRepository,
    MetricRetentionRepository,
    NodeCordonsService,
    NodeEditsRepository,
    NodeEditsService,
    NodeHealthRepository,
    NodeRegistrationsService,
    NodeTokensService,
    NodesRepository,
    NodesService,
    OthersAccountsService,
    OwnAccountService,
    SecondFactorsRepository,
    SecondFactorsService,
    SettingsOverlay,
    SettingsRepository,
    SettingsService,
    Publications,
    PublishingService,
    TemplatesService,
    TrialsService,
    PerformanceMetricsRepository,
    PerformanceService,
    SystemStatusService,
    SystemLogsRepository,
    SystemLogWriter,
    StatisticsAnswersService,
    OutputGuard,
    OutputLinksService,
    StorageUseService,
    TaskAuditsRepository,
    TaskDetailsService,
    TaskOperationsService,
    TaskStoriesService,
    UsersService,
    WorkflowTemplatesRepository,
    WorkflowsService,
    outboxProvider('admin'),
  ],
  exports: [
    AdminAccountsService,
    AdminAuthService,
    AdminSessionRetentionRepository,
    AdminUsersService,
    AuditLogsRepository,
    AuditService,
    JobRunsRepository,
    ModelsSyncService,
    NodesService,
    NodeTokensService,
    OthersAccountsService,
    PerformanceMetricsRepository,
    MetricRetentionRepository,
    SystemLogsRepository,
    WorkflowsService,
    outboxToken('admin'),
  ],
})
export class AdminModule {}
