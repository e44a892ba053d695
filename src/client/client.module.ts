import { Module } from '@nestjs/common';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { DatabaseModule, outboxProvider, outboxToken } from '../database/index.js';
import { SharedModule } from '../shared/index.js';
import { ClientAuthController } from './auth/client-auth.controller.js';
import { ClientAuthService } from './auth/client-auth.service.js';
import { ClientSessionsRepository } from './auth/client-sessions.repository.js';
import { ClientUsersRepository } from './auth/client-users.repository.js';
import { ClientUsersService } from './auth/client-users.service.js';
import { IdempotencyKeysRepository } from './idempotency/idempotency-keys.repository.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { QuotaRepository } from './quota/quota.repository.js';
import { QuotaService } from './quota/quota.service.js';
import { ClientTasksController } from './tasks/client-tasks.controller.js';
import { ClientTasksRepository } from './tasks/client-tasks.repository.js';
import { ClientTasksService } from './tasks/client-tasks.service.js';
import { SubmitTasksService } from './tasks/submit-tasks.service.js';
import { TaskStatesRepository } from './tasks/task-states.repository.js';
import { TaskStatesService } from './tasks/task-states.service.js';
import { UploadsController } from './uploads/uploads.controller.js';
import { UploadsRepository } from './uploads/uploads.repository.js';
import { UploadsService } from './uploads/uploads.service.js';
import { ClientWorkflowsService } from './workflows/client-workflows.service.js';
import { WorkflowCopiesRepository } from './workflows/workflow-copies.repository.js';

/** The users' side: accounts, wishes, and the read model of what became of them, in `comfyui_client`. */
@Module({
  imports: [DatabaseModule.bind('client', clientDataSourceOptions), SharedModule],
  controllers: [ClientAuthController, ClientTasksController, UploadsController],
  providers: [
    outboxProvider('client'),
    ClientAuthService,
    ClientSessionsRepository,
    ClientTasksRepository,
    ClientTasksService,
    ClientUsersRepository,
    ClientUsersService,
    ClientWorkflowsService,
    IdempotencyKeysRepository,
    IdempotencyService,
    QuotaRepository,
    QuotaService,
    SubmitTasksService,
    TaskStatesRepository,
    TaskStatesService,
    UploadsRepository,
    UploadsService,
    WorkflowCopiesRepository,
  ],
  exports: [
    outboxToken('client'),
    ClientAuthService,
    ClientUsersService,
    ClientWorkflowsService,
    TaskStatesService,
    UploadsService,
  ],
})
export class ClientModule {}
