import { Injectable } from '@nestjs/common';
import { ConflictError, contentHash, currentRequest, InvalidInputError, NotFoundError } from '../../common/index.js';
import { InjectDatabase, type Database } from '../../database/index.js';
import type { WorkflowDefinition } from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import { NodesService } from '../nodes/nodes.service.js';
import { checkMapping } from './check-parameters.js';
import { diffDefinitions } from './diff-definitions.js';
import { changeDraft, checkDraft, checkNewGraph, checkValues, newDraft } from './edit-draft.js';
import { suggestInputs } from './suggest-inputs.js';
import { draftOf } from './template-definition.js';
import type { ChangeTemplateDto, CreateTemplateDto, ListTemplatesQuery } from './template.dto.js';
import {
  toTemplateItemView,
  toTemplateView,
  type SuggestedInputsView,
  type TemplateListView,
  type TemplateView,
} from './template.view.js';
import { WorkflowTemplatesRepository, type TemplateRecord } from './workflow-templates.repository.js';

/** What an answer names of what is wrong; a large graph of the wrong kind is wrong at each of its nodes. */
const MOST_PROBLEMS = 100;
/** Longest name that is looked for; the column holds no longer one. */
const LONGEST_NAME = 100;

/** The drafts of workflows, as admins edit them; users see nothing of it until it is published. */
@Injectable()
export class TemplatesService {
  constructor(
    @InjectDatabase('admin') private readonly database: Database,
    private readonly templates: WorkflowTemplatesRepository,
    private readonly nodes: NodesService,
    private readonly audit: AuditService,
  ) {}

  async list({
    q,
    task_type: taskType,
    is_enabled: enabled,
    limit,
    offset,
  }: ListTemplatesQuery): Promise<TemplateListView> {
    const filter = { q, taskType, isEnabled: enabled === undefined ? undefined : enabled === 'true' };
    const [templates, total] = await Promise.all([
      this.templates.list(filter, limit, offset),
      this.templates.count(filter),
    ]);
    return { workflows: templates.map(toTemplateItemView), total, limit, offset };
  }

  async get(name: string): Promise<TemplateView> {
    const template = await this.find(name);
    return toTemplateView(template, checkDraft(draftOf(template)));
  }

  async find(name: string): Promise<TemplateRecord> {
    const template = name.length > LONGEST_NAME ? undefined : await this.templates.find(name);
    if (!template) throw noSuchTemplate(name);
    return template;
  }

  /** Throws 422 for what is no graph or does not fit it, 409 where the name is taken. */
  async create(given: CreateTemplateDto): Promise<TemplateView> {
    requireGood('graph', checkNewGraph(given.graph));
    requireGood('parameters', checkValues(given.parameters));
    const draft = newDraft(given);
    requireGood('parameters', checkMapping(draft.parameters, draft.graph));
    await this.database.transaction(async (transaction) => {
      if (!(await this.templates.insertAbsent(transaction, draft))) {
        throw new ConflictError(`There already is a workflow ${given.name}.`, 'WORKFLOW_EXISTS');
      }
      const template = await this.templates.lock(transaction, given.name);
      await this.templates.saveDraft(transaction, template!.id, draft, editor());
      const after = { task_type: draft.taskType, nodes: Object.keys(draft.graph).length };
      await this.audit.record({ ...about(given.name, 'create'), after }, transaction);
    });
    return this.get(given.name);
  }

  /** A new graph that old parameters do not fit is kept, and shown with its problems; so both can be changed in turn. */
  async change(name: string, given: ChangeTemplateDto): Promise<TemplateView> {
    if (given.graph !== undefined) requireGood('graph', checkNewGraph(given.graph));
    requireGood('parameters', checkValues(given.parameters));
    await this.database.transaction(async (transaction) => {
      const template = requireCurrent(await this.templates.lock(transaction, name), name, given.revision);
      const draft = draftOf(template);
      const changed = changeDraft(draft, given);
      if (given.parameters) requireGood('parameters', checkMapping(changed.parameters, changed.graph));
      const difference = diffDefinitions(draft, changed);
      if (difference.is_same) return;
      await this.templates.saveDraft(transaction, template.id, changed, editor());
      const entry = { ...about(name, 'change'), before: summaryOf(draft), after: summaryOf(changed) };
      await this.audit.record(entry, transaction);
    });
    return this.get(name);
  }

  /** Only what never was published: tasks name versions by the template's name, which must not begin anew at 1. */
  async remove(name: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const template = await this.templates.lock(transaction, name);
      if (!template) throw noSuchTemplate(name);
      if (template.publishedVersion > 0) {
        const message = `${name} was published, and tasks name its versions: disable it instead of deleting it.`;
        throw new ConflictError(message, 'WORKFLOW_PUBLISHED');
      }
      await this.templates.remove(transaction, template.id);
      await this.audit.record({ ...about(name, 'delete'), before: summaryOf(draftOf(template)) }, transaction);
    });
  }

  async suggestInputs(name: string): Promise<SuggestedInputsView> {
    const draft = draftOf(await this.find(name));
    const choices = new Map<string, Set<string>>();
    for (const { capabilities } of await this.nodes.list()) {
      for (const [input, files] of Object.entries(capabilities?.models ?? {})) {
        choices.set(input, new Set([...(choices.get(input) ?? []), ...files]));
      }
    }
    const inputs = suggestInputs(draft, choices);
    return { inputs, total: inputs.length };
  }
}

export function about(name: string, verb: string) {
  return { action: `workflow.${verb}`, targetType: 'workflow', targetId: name };
}

/** The template as it was when its reader decided; 404 where it is gone, 409 where it has changed. */
export function requireCurrent(template: TemplateRecord | undefined, name: string, revision: number): TemplateRecord {
  if (!template) throw noSuchTemplate(name);
  if (template.revision === revision) return template;
  const message = `${name} was changed meanwhile; it is at revision ${template.revision}. Read it again.`;
  throw new ConflictError(message, 'WORKFLOW_CHANGED');
}

export function noSuchTemplate(name: string): NotFoundError {
  return new NotFoundError(`There is no workflow "${name.slice(0, LONGEST_NAME)}".`, 'WORKFLOW_NOT_FOUND');
}

export function requireGood(field: string, problems: string[], code = 'INVALID_WORKFLOW'): void {
  if (problems.length === 0) return;
  const errors = problems.slice(0, MOST_PROBLEMS).map((problem) => ({ field, message: sentence(field, problem) }));
  const more = problems.length - errors.length;
  if (more > 0) errors.push({ field, message: `And ${more} more like these.` });
  throw new InvalidInputError(errors, code);
}

function sentence(field: string, problem: string): string {
  return field === 'graph' ? `The workflow: ${problem}.` : `${problem[0]!.toUpperCase()}${problem.slice(1)}.`;
}

/** Whose the draft is from now on: a file's import leaves it alone. */
export function editor(): string {
  return (currentRequest()?.admin?.username ?? 'command').slice(0, 100);
}

/** A graph may be megabytes: the audit log keeps what tells it from others. */
function summaryOf({ graph, parameters, ...rest }: WorkflowDefinition) {
  const content = contentHash({ graph, parameters }).slice(0, 16);
  return { ...rest, nodes: Object.keys(graph).length, parameters: parameters.map(({ name }) => name), content };
}
