import { Injectable } from '@nestjs/common';
import { Clock, InvalidInputError, killPoint, newId } from '../../common/index.js';
import { writeOutbox } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import type { PublishedWorkflow, TaskType } from '../../shared/index.js';
import type { CurrentClient } from '../auth/current-client.js';
import { IdempotencyService, type Answered } from '../idempotency/idempotency.service.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { QueueLimitsService } from '../quota/queue-limits.service.js';
import { QuotaService } from '../quota/quota.service.js';
import { WebhookSettingsService } from '../webhooks/webhook-settings.service.js';
import { ClientWorkflowsService } from '../workflows/client-workflows.service.js';
import { ClientTasksRepository } from './client-tasks.repository.js';
import { drawSeed } from './draw-seed.js';
import { makeTask } from './make-task.js';
import { resolveParameters } from './resolve-parameters.js';
import type { SubmitTextToImageDto } from './submit-text-to-image.dto.js';
import { toSubmittedView, type SubmittedView } from './task-view.js';
import { toWishEvent } from './task-wish.js';

/** Takes new tasks in: once `submit…` has returned, the task cannot be lost. */
@Injectable()
export class SubmitTasksService {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly tasks: ClientTasksRepository,
    private readonly workflows: ClientWorkflowsService,
    private readonly quota: QuotaService,
    private readonly limits: QueueLimitsService,
    private readonly webhooks: WebhookSettingsService,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  async submitTextToImage(
    client: CurrentClient,
    request: SubmitTextToImageDto,
    call?: KeyedCall,
  ): Promise<Answered<SubmittedView>> {
    const { workflow_name: workflowName, batch_id: batchId, parameters: further, ...rest } = request;
    const { webhook_url: webhookUrl, ...fields } = rest;
    if (webhookUrl) await this.webhooks.checkTaskUrl(client.clientId, webhookUrl);
    const workflow = await this.getWorkflow('text_to_image', workflowName ?? undefined);
    const parameters = resolveParameters(workflow.definition, { ...further, ...withoutNulls(fields) }, drawSeed);
    const task = makeTask({
      taskId: newId(),
      clientId: client.clientId,
      workflow,
      parameters,
      prompt: request.prompt,
      batchId: batchId ?? null,
      createdAt: this.clock.now(),
    });
    const answered = await this.idempotency.once(call, async (transaction) => {
      await this.quota.charge(transaction, client, task);
      await this.limits.admit(transaction, client.clientId);
      await this.tasks.insert(transaction, task);
      if (webhookUrl) await this.webhooks.setTaskUrl(transaction, task.taskId, webhookUrl);
      await writeOutbox(transaction, [toWishEvent(task)]);
      return toSubmittedView(task);
    });
    killPoint('submit.committed');
    this.signals.emit('client.outbox');
    return answered;
  }

  private async getWorkflow(taskType: TaskType, name: string | undefined): Promise<PublishedWorkflow> {
    const workflow =
      name === undefined ? await this.workflows.findDefault(taskType) : await this.workflows.findCurrent(name);
    const { definition } = workflow ?? {};
    if (workflow && definition?.isEnabled && definition.taskType === taskType) return workflow;
    const message =
      name === undefined
        ? `No workflow for ${taskType} is published.`
        : `There is no workflow "${name}" for ${taskType}.`;
    throw new InvalidInputError([{ field: 'workflow_name', message }], 'UNKNOWN_WORKFLOW');
  }
}

function withoutNulls(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
