import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError } from '../../common/index.js';
import type { PublishedWorkflow } from '../../shared/index.js';
import { checkSubmit } from './check-submit.js';
import { ClientWorkflowsService } from './client-workflows.service.js';
import { toWorkflowView, type SubmitCheckView, type WorkflowListView, type WorkflowView } from './workflow.view.js';

/** Longest name that is looked for; the column holds no longer one. */
const LONGEST_NAME = 100;

/** The enabled workflows as users see them, and what they would make of a submit. */
@Injectable()
export class OfferedWorkflowsService {
  constructor(private readonly workflows: ClientWorkflowsService) {}

  async list(): Promise<WorkflowListView> {
    const workflows = (await this.workflows.list()).filter(({ definition }) => definition.isEnabled);
    return { workflows: workflows.map(toWorkflowView), total: workflows.length };
  }

  async get(name: string): Promise<WorkflowView> {
    return toWorkflowView(await this.getEnabled(name));
  }

  async validate(name: string, body: unknown): Promise<SubmitCheckView> {
    const { definition } = await this.getEnabled(name);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new InvalidInputError([{ field: 'body', message: 'The body must be a JSON object.' }]);
    }
    const { errors, warnings, values } = await checkSubmit(definition, body as Record<string, unknown>);
    return { valid: errors.length === 0, errors, warnings, processed_params: values };
  }

  private async getEnabled(name: string): Promise<PublishedWorkflow> {
    const workflow = name.length > LONGEST_NAME ? undefined : await this.workflows.findCurrent(name);
    if (workflow?.definition.isEnabled) return workflow;
    throw new NotFoundError(`There is no workflow "${name.slice(0, LONGEST_NAME)}".`, 'WORKFLOW_NOT_FOUND');
  }
}
