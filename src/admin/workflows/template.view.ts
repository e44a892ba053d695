import { ApiProperty } from '@nestjs/swagger';
import { PageView } from '../../common/index.js';
import type { ParameterType, TaskType, WorkflowDefinition } from '../../shared/index.js';
import type { ChangedNode, ChangedParameter, ChangedValue, DefinitionDiff } from './diff-definitions.js';
import type { SuggestedInput } from './suggest-inputs.js';
import { draftOf, hasUnpublishedChanges } from './template-definition.js';
import { PARAMETER_TYPES, TASK_TYPES } from './template.dto.js';
import type { TemplateRecord } from './workflow-templates.repository.js';

const GRAPH = { '1': { class_type: 'EmptyImage', inputs: { width: 512, height: 512, batch_size: 1, color: 0 } } };

export class TemplateItemView {
  @ApiProperty({ type: String, example: 'sd_basic' }) name: string;
  @ApiProperty({ type: String, example: 'Stable Diffusion 1.5' }) display_name: string;
  @ApiProperty({ enum: TASK_TYPES }) task_type: TaskType;
  @ApiProperty({ type: String, example: 'One sampler, no extras' }) description: string;
  @ApiProperty({ type: String, example: '1.0', description: "The author's own label." }) version_label: string;
  @ApiProperty({ type: 'integer', example: 3, description: 'What new tasks run; 0: never published.' })
  published_version: number;
  @ApiProperty({ type: Boolean, example: false }) has_unpublished_changes: boolean;
  @ApiProperty({ type: Boolean, example: true, description: 'Whether users may submit it.' }) is_enabled: boolean;
  @ApiProperty({ type: 'integer', example: 30, description: 'Seconds.' }) estimated_time: number;
  @ApiProperty({ type: 'integer', example: 0, description: '0: no limit.' }) max_concurrent_tasks: number;
  @ApiProperty({ type: 'integer', example: 4, description: 'To be named by the next change.' }) revision: number;
  @ApiProperty({ type: String, nullable: true, example: 'ada', description: 'null: as its file was imported.' })
  edited_by: string | null;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' }) updated_at: string;
}

export class TemplateListView extends PageView {
  @ApiProperty({ type: [TemplateItemView] }) workflows: TemplateItemView[];
}

export class TemplateParameterView {
  @ApiProperty({ type: String, example: 'steps' }) name: string;
  @ApiProperty({ type: String, example: '3' }) node_id: string;
  @ApiProperty({ type: String, example: 'steps' }) input_name: string;
  @ApiProperty({ enum: PARAMETER_TYPES }) type: ParameterType;
  @ApiProperty({ type: Object, nullable: true, example: 20 }) default_value: unknown;
  @ApiProperty({ type: Number, nullable: true, example: 1 }) min: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 50 }) max: number | null;
  @ApiProperty({ type: [Object], nullable: true, example: null }) options: (string | number)[] | null;
  @ApiProperty({ type: Boolean, example: false }) is_required: boolean;
  @ApiProperty({ type: Boolean, example: true }) is_open: boolean;
  @ApiProperty({ type: String, example: 'Steps', nullable: true }) display_name: string | null;
  @ApiProperty({ type: String, example: 'Sampling steps' }) description: string;
}

/** The draft of a template, with what keeps it from being published. */
export class TemplateView extends TemplateItemView {
  @ApiProperty({ type: 'object', additionalProperties: true, example: GRAPH }) graph: Record<string, unknown>;
  @ApiProperty({ type: [TemplateParameterView] }) parameters: TemplateParameterView[];
  @ApiProperty({ type: [String], example: [], description: 'Why it cannot be published as it is.' }) problems: string[];
}

export class SuggestedInputView implements SuggestedInput {
  @ApiProperty({ type: String, example: '3' }) node_id: string;
  @ApiProperty({ type: String, example: 'KSampler' }) class_type: string;
  @ApiProperty({ type: String, nullable: true, example: 'KSampler' }) title: string | null;
  @ApiProperty({ type: String, example: 'steps' }) input_name: string;
  @ApiProperty({ type: Object, nullable: true, example: 20 }) value: unknown;
  @ApiProperty({ enum: PARAMETER_TYPES, description: 'Guessed from name and value.' }) type: ParameterType;
  @ApiProperty({ type: String, nullable: true, example: 'steps' }) suggested_name: string | null;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'The parameter that sets it already.' })
  parameter: string | null;
  @ApiProperty({ type: [String], example: [], description: 'Files that nodes offer there.' }) choices: string[];
}

export class SuggestedInputsView {
  @ApiProperty({ type: [SuggestedInputView] }) inputs: SuggestedInputView[];
  @ApiProperty({ type: 'integer', example: 12 }) total: number;
}

export class VersionView {
  @ApiProperty({ type: 'integer', example: 3 }) version: number;
  @ApiProperty({ type: String, example: 'c0ffee', description: 'SHA-256 of the content.' }) content_hash: string;
  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' }) published_at: string;
  @ApiProperty({ type: Boolean, example: true, description: 'What new tasks run.' }) is_current: boolean;
}

export class VersionListView extends PageView {
  @ApiProperty({ type: [VersionView] }) versions: VersionView[];
}

const CHANGE = { name: 'steps', from: 20, to: 30 };

export class DiffView implements DefinitionDiff {
  @ApiProperty({ type: Boolean, example: false }) is_same: boolean;
  @ApiProperty({ type: [Object], example: [{ name: 'description', from: '', to: 'Sharper' }] }) fields: ChangedValue[];
  @ApiProperty({
    type: Object,
    example: { added: [], removed: [], changed: [{ node_id: '3', class_type: 'KSampler', inputs: [CHANGE] }] },
  })
  nodes: { added: NodeView[]; removed: NodeView[]; changed: ChangedNode[] };
  @ApiProperty({ type: Object, example: { added: ['steps'], removed: [], changed: [] } })
  parameters: { added: string[]; removed: string[]; changed: ChangedParameter[] };
}

interface NodeView {
  node_id: string;
  class_type: string;
}

export class PublishedView {
  @ApiProperty({ type: String, example: 'sd_basic' }) name: string;
  @ApiProperty({ type: 'integer', example: 4 }) version: number;
  @ApiProperty({ type: Boolean, example: true, description: 'False: the published version says the same already.' })
  is_new: boolean;
  @ApiProperty({ type: 'integer', example: 7 }) revision: number;
  @ApiProperty({ type: DiffView, description: 'What it has otherwise than the version before.' })
  changes: DefinitionDiff;
}

export function toTemplateItemView(template: TemplateRecord): TemplateItemView {
  const draft = draftOf(template);
  return {
    name: template.name,
    display_name: draft.displayName,
    task_type: draft.taskType,
    description: draft.description,
    version_label: draft.versionLabel,
    published_version: template.publishedVersion,
    has_unpublished_changes: hasUnpublishedChanges(template),
    is_enabled: draft.isEnabled,
    estimated_time: draft.estimatedTimeSeconds,
    max_concurrent_tasks: draft.maxConcurrentTasks,
    revision: template.revision,
    edited_by: template.editedBy,
    created_at: template.createdAt.toISOString(),
    updated_at: template.updatedAt.toISOString(),
  };
}

export function toTemplateView(template: TemplateRecord, problems: string[]): TemplateView {
  const { graph, parameters } = draftOf(template);
  return { ...toTemplateItemView(template), graph, parameters: toParameterViews(parameters), problems };
}

export function toParameterViews(parameters: WorkflowDefinition['parameters']): TemplateParameterView[] {
  return parameters.map((parameter) => ({
    name: parameter.name,
    node_id: parameter.nodeId,
    input_name: parameter.inputName,
    type: parameter.type,
    default_value: parameter.defaultValue ?? null,
    min: parameter.min ?? null,
    max: parameter.max ?? null,
    options: parameter.options ?? null,
    is_required: parameter.isRequired ?? false,
    is_open: parameter.isOpenToClients,
    display_name: parameter.displayName ?? null,
    description: parameter.description,
  }));
}
