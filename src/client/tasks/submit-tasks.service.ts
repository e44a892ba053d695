import { Injectable } from '@nestjs/common';
import { Clock, InvalidInputError, killPoint, newId } from '../../common/index.js';
import { writeOutbox, type Executor } from '../../database/index.js';
import { Signals } from '../../live/index.js';
import type { PublishedWorkflow, TaskParameter, TaskType, WorkflowDefinition } from '../../shared/index.js';
import type { CurrentClient } from '../auth/current-client.js';
import { IdempotencyService, type Answered } from '../idempotency/idempotency.service.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { QueueLimitsService } from '../quota/queue-limits.service.js';
import { QuotaService } from '../quota/quota.service.js';
import { UploadsService } from '../uploads/uploads.service.js';
import type { Upload } from '../uploads/uploads.repository.js';
import { WebhookSettingsService } from '../webhooks/webhook-settings.service.js';
import { ClientWorkflowsService } from '../workflows/client-workflows.service.js';
import { ClientTasksRepository } from './client-tasks.repository.js';
import { drawSeed } from './draw-seed.js';
import { makeTask } from './make-task.js';
import { resolveParameters } from './resolve-parameters.js';
import type { SubmitImageToVideoDto } from './submit-image-to-video.dto.js';
import type { SubmitTextToImageDto } from './submit-text-to-image.dto.js';
import { toSubmittedView, type SubmittedView } from './task-view.js';
import { toWishEvent, type WishedTask } from './task-wish.js';

/** The parameter of a workflow that takes the user's picture. */
const INPUT_PARAMETER = 'image';

type AnyRequest = SubmitTextToImageDto | SubmitImageToVideoDto;

/** Takes new tasks in: once `submit…` has returned, the task cannot be lost. */
@Injectable()
export class SubmitTasksService {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly tasks: ClientTasksRepository,
    private readonly workflows: ClientWorkflowsService,
    private readonly quota: QuotaService,
    private readonly limits: QueueLimitsService,
    private readonly uploads: UploadsService,
    private readonly webhooks: WebhookSettingsService,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  async submitTextToImage(
    client: CurrentClient,
    request: SubmitTextToImageDto,
    call?: KeyedCall,
  ): Promise<Answered<SubmittedView>> {
    const earlier = await this.idempotency.findAnswer<SubmittedView>(call);
    if (earlier) return earlier;
    const workflow = await this.getWorkflow('text_to_image', request.workflow_name ?? undefined);
    const task = this.makeTask(client, workflow, request);
    return this.submit(client, { call, webhookUrl: request.webhook_url }, () => Promise.resolve(task));
  }

  /** Throws 404 where the image is not an upload of the user's. */
  async submitImageToVideo(
    client: CurrentClient,
    request: SubmitImageToVideoDto,
    call?: KeyedCall,
  ): Promise<Answered<SubmittedView>> {
    const earlier = await this.idempotency.findAnswer<SubmittedView>(call);
    if (earlier) return earlier;
    const workflow = await this.getWorkflow('image_to_video', request.workflow_name ?? undefined);
    return this.submit(client, { call, webhookUrl: request.webhook_url }, async (transaction) => {
      // Held until the task is there, so that a deletion of the upload sees who needs it; a replay needs it no more.
      const upload = await this.uploads.lock(transaction, client.clientId, request.image);
      const task = this.makeTask(client, workflow, { ...request, image: upload.relativePath });
      return { ...task, parameters: task.parameters.map((parameter) => withInput(parameter, upload)) };
    });
  }

  private makeTask(client: CurrentClient, workflow: PublishedWorkflow, request: AnyRequest): WishedTask {
    const { workflow_name: _name, batch_id: batchId, webhook_url: _url, parameters: further, ...fields } = request;
    const parameters = resolveParameters(workflow.definition, { ...further, ...withoutNulls(fields) }, drawSeed);
    return makeTask({
      taskId: newId(),
      clientId: client.clientId,
      workflow,
      parameters,
      prompt: request.prompt,
      batchId: batchId ?? null,
      createdAt: this.clock.now(),
    });
  }

  private async submit(
    client: CurrentClient,
    { call, webhookUrl }: { call: KeyedCall | undefined; webhookUrl: string | null | undefined },
    make: (transaction: Executor) => Promise<WishedTask>,
  ): Promise<Answered<SubmittedView>> {
    if (webhookUrl) await this.webhooks.checkTaskUrl(client.clientId, webhookUrl);
    const answered = await this.idempotency.once(call, async (transaction) => {
      const task = await make(transaction);
      await this.quota.charge(transaction, client, task);
      await this.limits.admit(transaction, client.clientId);
      await this.tasks.insert(transaction, task);
      if (webhookUrl) await this.tasks.setWebhookUrl(transaction, task.taskId, webhookUrl);
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
    if (workflow && definition?.isEnabled && definition.taskType === taskType) {
      if (taskType === 'image_to_video') requireInput(definition);
      return workflow;
    }
    const message =
      name === undefined
        ? `No workflow for ${taskType} is published.`
        : `There is no workflow "${name}" for ${taskType}.`;
    throw new InvalidInputError([{ field: 'workflow_name', message }], 'UNKNOWN_WORKFLOW');
  }
}

/** Without an open parameter for it the picture would be left out without a word. */
function requireInput({ name, parameters }: WorkflowDefinition): void {
  if (parameters.some((parameter) => parameter.name === INPUT_PARAMETER && parameter.isOpenToClients)) return;
  const message = `The workflow "${name}" takes no picture.`;
  throw new InvalidInputError([{ field: 'workflow_name', message }], 'WORKFLOW_WITHOUT_INPUT');
}

/** The parameter that names the upload, with the bytes that it stands for. */
function withInput(parameter: TaskParameter, { hash }: Upload): TaskParameter {
  return parameter.name === INPUT_PARAMETER ? { ...parameter, fileHash: hash } : parameter;
}

function withoutNulls(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
