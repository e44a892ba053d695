import { Module } from '@nestjs/common';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { DatabaseModule, outboxProvider, outboxToken } from '../database/index.js';
import { SharedModule } from '../shared/index.js';
import { AccessLogReads } from './access-log/access-log-reads.js';
import { AccessLogReadsRepository } from './access-log/access-log-reads.repository.js';
import { AccessLogRepository } from './access-log/access-log.repository.js';
import { AccessLogService } from './access-log/access-log.service.js';
import { AccountsRepository } from './accounts/accounts.repository.js';
import { OverseenAccountsService } from './accounts/overseen-accounts.service.js';
import { ApiKeyUses } from './api-keys/api-key-uses.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { AccountsController } from './auth/accounts.controller.js';
import { ClientAuthController } from './auth/client-auth.controller.js';
import { ClientAuthService } from './auth/client-auth.service.js';
import { ClientGuard } from './auth/client.guard.js';
import { ClientSessionsRepository } from './auth/client-sessions.repository.js';
import { ClientSessionsService } from './auth/client-sessions.service.js';
import { ClientUsersRepository } from './auth/client-users.repository.js';
import { ClientUsersService } from './auth/client-users.service.js';
import { RefreshTokensRepository } from './auth/refresh-tokens.repository.js';
import { SessionRetentionRepository } from './auth/session-retention.repository.js';
import { UserRates } from './auth/user-rates.js';
import { EventTokensService } from './events/event-tokens.service.js';
import { QueueForecastsService } from './events/queue-forecasts.service.js';
import { TaskEventsController } from './events/task-events.controller.js';
import { TaskEventsService } from './events/task-events.service.js';
import { WatchedTasksRepository } from './events/watched-tasks.repository.js';
import { IdempotencyKeysRepository } from './idempotency/idempotency-keys.repository.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { QueueLimitsRepository } from './quota/queue-limits.repository.js';
import { QueueLimitsService } from './quota/queue-limits.service.js';
import { QuotaResetRepository } from './quota/quota-reset.repository.js';
import { QuotaResetService } from './quota/quota-reset.service.js';
import { QuotaRepository } from './quota/quota.repository.js';
import { QuotaService } from './quota/quota.service.js';
import { CancelWishesService } from './tasks/cancel-wishes.service.js';
import { ClientTaskDigestsRepository } from './tasks/client-task-digests.repository.js';
import { ClientTaskDigestsService } from './tasks/client-task-digests.service.js';
import { ClientTasksController } from './tasks/client-tasks.controller.js';
import { ClientTasksRepository } from './tasks/client-tasks.repository.js';
import { ClientTasksService } from './tasks/client-tasks.service.js';
import { OverseenTasksService } from './tasks/overseen-tasks.service.js';
import { RedriveTasksService } from './tasks/redrive-tasks.service.js';
import { SubmitTasksService } from './tasks/submit-tasks.service.js';
import { TaskIntakeService } from './tasks/task-intake.service.js';
import { TaskPagesRepository } from './tasks/task-pages.repository.js';
import { TaskPagesService } from './tasks/task-pages.service.js';
import { TaskRetentionRepository } from './tasks/task-retention.repository.js';
import { TaskRetentionService } from './tasks/task-retention.service.js';
import { PUBLISHED_AND_NEEDED, TaskStatesRepository } from './tasks/task-states.repository.js';
import { TaskStatesService } from './tasks/task-states.service.js';
import { UploadRetentionRepository } from './uploads/upload-retention.repository.js';
import { UploadRetentionService } from './uploads/upload-retention.service.js';
import { TaskTracesRepository } from './tasks/task-traces.repository.js';
import { UploadsController } from './uploads/uploads.controller.js';
import { UploadsRepository } from './uploads/uploads.repository.js';
import { UploadsService } from './uploads/uploads.service.js';
import { WebhookDeliveriesRepository } from './webhooks/webhook-deliveries.repository.js';
import { WebhookDeliveriesService } from './webhooks/webhook-deliveries.service.js';
import { WebhookSenderService } from './webhooks/webhook-sender.service.js';
import { WebhookSettingsRepository } from './webhooks/webhook-settings.repository.js';
import { WebhookSettingsService } from './webhooks/webhook-settings.service.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { ClientWorkflowsService } from './workflows/client-workflows.service.js';
import { OfferedWorkflowsService } from './workflows/offered-workflows.service.js';
import { ServiceConfigController } from './workflows/service-config.controller.js';
import { WorkflowCopiesRepository } from './workflows/workflow-copies.repository.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

/** The users' side: accounts, wishes, and the read model of what became of them, in `comfyui_client`. */
@Module({
  imports: [DatabaseModule.bind('client', clientDataSourceOptions), SharedModule],
  controllers: [
    AccountsController,
    ApiKeysController,
    ClientAuthController,
    ClientTasksController,
    ServiceConfigController,
    TaskEventsController,
    UploadsController,
    WebhooksController,
    WorkflowsController,
  ],
  providers: [
    outboxProvider('client', PUBLISHED_AND_NEEDED),
    AccessLogReads,
    AccessLogReadsRepository,
    AccessLogRepository,
    AccessLogService,
    AccountsRepository,
    ApiKeysRepository,
    ApiKeysService,
    ApiKeyUses,
    CancelWishesService,
    ClientAuthService,
    ClientGuard,
    ClientSessionsRepository,
    ClientSessionsService,
    ClientTaskDigestsRepository,
    ClientTaskDigestsService,
    ClientTasksRepository,
    ClientTasksService,
    ClientUsersRepository,
    ClientUsersService,
    ClientWorkflowsService,
    EventTokensService,
    IdempotencyKeysRepository,
    IdempotencyService,
    OfferedWorkflowsService,
    OverseenAccountsService,
    OverseenTasksService,
    QueueLimitsRepository,
    QueueLimitsService,
    QueueForecastsService,
    QuotaRepository,
    QuotaResetRepository,
    QuotaResetService,
    QuotaService,
    RedriveTasksService,
    RefreshTokensRepository,
    SessionRetentionRepository,
    SubmitTasksService,
    TaskIntakeService,
    TaskPagesRepository,
    TaskPagesService,
    TaskEventsService,
    TaskRetentionRepository,
    TaskRetentionService,
    TaskStatesRepository,
    TaskStatesService,
    UploadRetentionRepository,
    UploadRetentionService,
    TaskTracesRepository,
    UploadsRepository,
    UploadsService,
    UserRates,
    WatchedTasksRepository,
    WebhookDeliveriesRepository,
    WebhookDeliveriesService,
    WebhookSenderService,
    WebhookSettingsRepository,
    WebhookSettingsService,
    WorkflowCopiesRepository,
  ],
  exports: [
    outboxToken('client'),
    AccessLogReads,
    AccessLogService,
    ClientAuthService,
    ClientTaskDigestsService,
    ClientUsersService,
    ClientWorkflowsService,
    IdempotencyService,
    QuotaResetService,
    OverseenAccountsService,
    OverseenTasksService,
    RedriveTasksService,
    SessionRetentionRepository,
    TaskRetentionService,
    TaskStatesService,
    UploadRetentionService,
    UploadsService,
    UserRates,
    WebhookSenderService,
  ],
})
export class ClientModule {}
