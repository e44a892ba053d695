import { Injectable } from '@nestjs/common';
import { Clock, InvalidInputError, newId, Traces } from '../../common/index.js';
import {
  PICTURE_PARAMETER,
  type PublishedWorkflow,
  type TaskParameter,
  type TaskType,
  type WorkflowDefinition,
} from '../../shared/index.js';
import type { CurrentClient } from '../auth/current-client.js';
import { IdempotencyService, type Answered } from '../idempotency/idempotency.service.js';
import type { KeyedCall } from '../idempotency/keyed-call.js';
import { UploadsService } from '../uploads/uploads.service.js';
import type { Upload } from '../uploads/uploads.repository.js';
import { WebhookSettingsService } from '../webhooks/webhook-settings.service.js';
import { ClientWorkflowsService } from '../workflows/client-workflows.service.js';
import { drawSeed } from './draw-seed.js';
import { makeTask } from './make-task.js';
import { resolveParameters } from './resolve-parameters.js';
import type { SubmitImageToVideoDto } from './submit-image-to-video.dto.js';
import type { SubmitTextToImageDto } from './submit-text-to-image.dto.js';
import { TaskIntakeService } from './task-intake.service.js';
import type { SubmittedView } from './task-view.js';
import type { WishedTask } from './task-wish.js';

type AnyRequest = SubmitTextToImageDto | SubmitImageToVideoDto;

/** Makes tasks of what users ask for: a workflow, all its parameters, and where needed the user's picture. */
@Injectable()
export class SubmitTasksService {
  constructor(
    private readonly intake: TaskIntakeService,
    private readonly idempotency: IdempotencyService,
    private readonly workflows: ClientWorkflowsService,
    private readonly uploads: UploadsService,
    private readonly webhooks: WebhookSettingsService,
    private readonly clock: Clock,
    private readonly traces: Traces,
  ) {}

  submitTextToImage(
    user: CurrentClient,
    request: SubmitTextToImageDto,
    call?: KeyedCall,
  ): Promise<Answered<SubmittedView>> {
    return this.unlessAnswered(call, async () => {
      const workflow = await this.getWorkflow('text_to_image', request.workflow_name ?? undefined);
      const task = this.makeTask(user, workflow, request);
      return this.intake.take({ user, call, task, webhookUrl: await this.checkWebhook(user, request) });
    });
  }

  /** Throws 404 where the image is not an upload of the user's. */
  submitImageToVideo(
    user: CurrentClient,
    request: SubmitImageToVideoDto,
    call?: KeyedCall,
  ): Promise<Answered<SubmittedView>> {
    return this.unlessAnswered(call, async () => {
      const workflow = await this.getWorkflow('image_to_video', request.workflow_name ?? undefined);
      const webhookUrl = await this.checkWebhook(user, request);
      return this.intake.takeMade(call, async (transaction) => {
        // Held until the task is there, so that a deletion of the upload sees who needs it; a replay needs it no more.
        const upload = await this.uploads.lock(transaction, user.clientId, request.image);
        const task = this.makeTask(user, workflow, { ...request, image: upload.relativePath });
        const parameters = task.parameters.map((parameter) => withInput(parameter, upload));
        return { user, call, task: { ...task, parameters }, webhookUrl };
      });
    });
  }

  /** What is refused now was perhaps answered before: a repetition gets that answer, whatever has changed since. */
  private async unlessAnswered(
    call: KeyedCall | undefined,
    submit: () => Promise<Answered<SubmittedView>>,
  ): Promise<Answered<SubmittedView>> {
    try {
      return await submit();
    } catch (error) {
      const earlier = error instanceof InvalidInputError && (await this.idempotency.findAnswer<SubmittedView>(call));
      if (earlier) return earlier;
      throw error;
    }
  }

  private async checkWebhook({ clientId }: CurrentClient, { webhook_url: url }: AnyRequest): Promise<string | null> {
    if (url) await this.webhooks.checkTaskUrl(clientId, url);
    return url ?? null;
  }

  private makeTask({ clientId }: CurrentClient, workflow: PublishedWorkflow, request: AnyRequest): WishedTask {
    const { workflow_name: _name, batch_id: batchId, webhook_url: _url, parameters: further, ...fields } = request;
    const parameters = resolveParameters(workflow.definition, { ...further, ...withoutNulls(fields) }, drawSeed);
    const taskId = newId();
    this.traces.noteTask(taskId);
    return makeTask({
      taskId,
      clientId,
      workflow,
      parameters,
      prompt: request.prompt,
      batchId: batchId ?? null,
      createdAt: this.clock.now(),
    });
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
  if (parameters.some((parameter) => parameter.name === PICTURE_PARAMETER && parameter.isOpenToClients)) return;
  const message = `The workflow "${name}" takes no picture.`;
  throw new InvalidInputError([{ field: 'workflow_name', message }], 'WORKFLOW_WITHOUT_INPUT');
}

/** The parameter that names the upload, with the bytes that it stands for. */
function withInput(parameter: TaskParameter, { hash }: Upload): TaskParameter {
  return parameter.name === PICTURE_PARAMETER ? { ...parameter, fileHash: hash } : parameter;
}

function withoutNulls(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
