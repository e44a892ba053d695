import { Module } from '@nestjs/common';
import { clientDataSourceOptions } from '../../ormconfig/client.js';
import { DatabaseModule, outboxProvider, outboxToken } from '../database/index.js';
import { ClientAuthController } from './auth/client-auth.controller.js';
import { ClientAuthService } from './auth/client-auth.service.js';
import { ClientSessionsRepository } from './auth/client-sessions.repository.js';
import { ClientUsersRepository } from './auth/client-users.repository.js';
import { ClientUsersService } from './auth/client-users.service.js';
import { EventTokensService } from './events/event-tokens.service.js';
import { QueueForecastsService } from './events/queue-forecasts.service.js';
import { TaskEventsController } from './events/task-events.controller.js';
import { TaskEventsService } from './events/task-events.service.js';
import { WatchedTasksRepository } from './events/watched-tasks.repository.js';
import { IdempotencyKeysRepository } from './idempotency/idempotency-keys.repository.js';
import { IdempotencyService } from './idempotency/idempotency.service.js';
import { QuotaRepository } from './quota/quota.repository.js';
import { QuotaService } from './quota/quota.service.js';
import { ClientTaskDigestsRepository } from './tasks/client-task-digests.repository.js';
import { ClientTaskDigestsService } from './tasks/client-task-digests.service.js';
import { ClientTasksController } from './tasks/client-tasks.controller.js';
import { ClientTasksRepository } from './tasks/client-tasks.repository.js';
import { ClientTasksService } from './tasks/client-tasks.service.js';
import { SubmitTasksService } from './tasks/submit-tasks.service.js';
import { PUBLISHED_AND_NEEDED, TaskStatesRepository } from './tasks/task-states.repository.js';
import { TaskStatesService } from './tasks/task-states.service.js';
import { WebhookDeliveriesRepository } from './webhooks/webhook-deliveries.repository.js';
import { WebhookDeliveriesService } from './webhooks/webhook-deliveries.service.js';
import { WebhookSenderService } from './webhooks/webhook-sender.service.js';
import { WebhookSettingsRepository } from './webhooks/webhook-settings.repository.js';
import { WebhookSettingsService } from './webhooks/webhook-settings.service.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { ClientWorkflowsService } from './workflows/client-workflows.service.js';
import { WorkflowCopiesRepository } from './workflows/workflow-copies.repository.js';

/** The users' side: accounts, wishes, and the read model of what became of them, in `comfyui_client`. */
@Module({
  imports: [DatabaseModule.bind('client', clientDataSourceOptions)],
  controllers: [ClientAuthController, ClientTasksController, TaskEventsController, WebhooksController],
  providers: [
    outboxProvider('client', PUBLISHED_AND_NEEDED),
    ClientAuthService,
    ClientSessionsRepository,
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
    QueueForecastsService,
    QuotaRepository,
    QuotaService,
    SubmitTasksService,
    TaskEventsService,
    TaskStatesRepository,
    TaskStatesService,
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
    ClientAuthService,
    ClientTaskDigestsService,
    ClientUsersService,
    ClientWorkflowsService,
    TaskStatesService,
    WebhookSenderService,
  ],
})
export class ClientModule {}
