import { contentHash } from '../../common/index.js';
import { fromJson } from '../../database/index.js';
import type { WorkflowDefinition } from '../../shared/index.js';
import type { TemplateRecord } from './workflow-templates.repository.js';

type Decisions = Pick<TemplateRecord, 'isEnabled' | 'estimatedTime' | 'maxConcurrentTasks'>;

/** What admins decided about a template outlives the next import of its file, and what its draft says. */
export function withDecisions(definition: WorkflowDefinition, template: Decisions): WorkflowDefinition {
  return {
    ...definition,
    isEnabled: template.isEnabled === 1,
    estimatedTimeSeconds: template.estimatedTime,
    maxConcurrentTasks: template.maxConcurrentTasks,
  };
}

/** What the admins edit. Rows of older programs hold something else there: such a draft has no graph yet. */
export function draftOf(template: TemplateRecord): WorkflowDefinition {
  const stored = fromJson<Partial<WorkflowDefinition> | null>(template.draft) ?? {};
  const isDefinition = typeof stored.graph === 'object' && stored.graph !== null && Array.isArray(stored.parameters);
  const draft = {
    name: template.name,
    displayName: template.displayName ?? template.name,
    taskType: template.taskType,
    versionLabel: template.versionLabel,
    description: template.description ?? '',
    graph: {},
    parameters: [],
    estimatedTimeSeconds: template.estimatedTime,
    maxConcurrentTasks: template.maxConcurrentTasks,
    isEnabled: template.isEnabled === 1,
  };
  return withDecisions(isDefinition ? (stored as WorkflowDefinition) : draft, template);
}

/** What was published last, whole; undefined: nothing ever was. */
export function publishedOf(template: TemplateRecord): WorkflowDefinition | undefined {
  return fromJson<WorkflowDefinition | null>(template.published) ?? undefined;
}

export function hasUnpublishedChanges(template: TemplateRecord): boolean {
  return contentHash(draftOf(template)) !== template.contentHash;
}
