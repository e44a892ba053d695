import { Module } from '@nestjs/common';
import { adminDataSourceOptions } from '../../ormconfig/admin.js';
import { DatabaseModule, outboxProvider, outboxToken } from '../database/index.js';
import { SharedModule } from '../shared/index.js';
import { AdminAuthController } from './auth/admin-auth.controller.js';
import { AdminAuthService } from './auth/admin-auth.service.js';
import { AdminSessionsRepository } from './auth/admin-sessions.repository.js';
import { AdminUsersRepository } from './auth/admin-users.repository.js';
import { AdminUsersService } from './auth/admin-users.service.js';
import { AuditLogsRepository } from './audit/audit-logs.repository.js';
import { AuditService } from './audit/audit.service.js';
import { FilesController } from './files/files.controller.js';
import { FilesService } from './files/files.service.js';
import { StorageUseService } from './files/storage-use.service.js';
import { JobRunsRepository } from './jobs/job-runs.repository.js';
import { ClusterService } from './nodes/cluster.service.js';
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
import { UsersController } from './users/users.controller.js';
import { UsersService } from './users/users.service.js';
import { WorkflowTemplatesRepository } from './workflows/workflow-templates.repository.js';
import { WorkflowsService } from './workflows/workflows.service.js';

/** The side of those who run the installation: accounts, the fleet, workflow templates, in `comfyui_admin`. */
@Module({
  imports: [DatabaseModule.bind('admin', adminDataSourceOptions), SharedModule],
  controllers: [
    AdminAuthController,
    AdminTasksController,
    DeadLettersController,
    FilesController,
    NodeEditsController,
    NodeRegistrationsController,
    NodesController,
    OutputsController,
    UsersController,
  ],
  providers: [
    AdminAuthService,
    AdminGuard,
    AdminSessionsRepository,
    AdminTasksService,
    AdminUsersRepository,
    AdminUsersService,
    AuditLogsRepository,
    AuditService,
    ClusterService,
    DeadLettersService,
    FilesService,
    JobRunsRepository,
    NodeCordonsService,
    NodeEditsRepository,
    NodeEditsService,
    NodeHealthRepository,
    NodeRegistrationsService,
    NodeTokensService,
    NodesRepository,
    NodesService,
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
    AdminAuthService,
    AdminUsersService,
    AuditService,
    JobRunsRepository,
    NodesService,
    NodeTokensService,
    WorkflowsService,
    outboxToken('admin'),
  ],
})
export class AdminModule {}
