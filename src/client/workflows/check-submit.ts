import type { Type } from '@nestjs/common';
import { InvalidInputError, readAs, type FieldProblem } from '../../common/index.js';
import type { TaskType, WorkflowDefinition } from '../../shared/index.js';
import { resolveParameters } from '../tasks/resolve-parameters.js';
import { SubmitImageToVideoDto } from '../tasks/submit-image-to-video.dto.js';
import { SubmitTextToImageDto } from '../tasks/submit-text-to-image.dto.js';

export interface SubmitCheck {
  errors: FieldProblem[];
  warnings: FieldProblem[];
  /** Every parameter with the value that a task would run with; empty where there are errors. */
  values: Record<string, unknown>;
}

/** What the submit route of each type takes. */
const SUBMITS: Record<TaskType, Type<object>> = {
  text_to_image: SubmitTextToImageDto,
  image_to_video: SubmitImageToVideoDto,
};

/** Fields of a submit that are no parameters of a workflow. */
const OTHER_FIELDS = new Set(['workflow_name', 'batch_id', 'webhook_url', 'parameters']);

/** Says what a submit of this body would make of it, without making anything; a seed of −1 stays undrawn. */
export async function checkSubmit(definition: WorkflowDefinition, body: Record<string, unknown>): Promise<SubmitCheck> {
  const dto = SUBMITS[definition.taskType];
  const read = await readAs(dto, { ...body, workflow_name: definition.name });
  const errors = read.problems;
  const given = { ...asRecord(body.parameters), ...withoutOthers({ ...body, ...read.value }) };
  const { values, problems } = resolve(definition, given);
  const known = new Set(errors.map(({ field }) => field));
  errors.push(...problems.filter(({ field }) => !known.has(field)));
  return { errors, warnings: findIgnored(definition, given), values: errors.length > 0 ? {} : values };
}

function resolve(definition: WorkflowDefinition, given: Record<string, unknown>) {
  try {
    const parameters = resolveParameters(definition, given, () => -1);
    const values = Object.fromEntries(parameters.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
    return { values, problems: [] };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { values: {}, problems: error.errors ?? [] };
  }
}

function findIgnored({ parameters }: WorkflowDefinition, given: Record<string, unknown>): FieldProblem[] {
  const open = new Map(parameters.map(({ name, isOpenToClients }) => [name, isOpenToClients]));
  return Object.entries(given).flatMap(([field, value]) => {
    if (value === null || value === undefined || open.get(field)) return [];
    const why = open.has(field) ? 'is set by the workflow itself' : 'is no parameter of this workflow';
    return [{ field, message: `${field} ${why}; what is sent is ignored.` }];
  });
}

function withoutOthers(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => !OTHER_FIELDS.has(name) && value !== null && value !== undefined),
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
