import { isDeeperThan } from '../../common/index.js';
import {
  PICTURE_PARAMETER,
  type PromptGraph,
  type WorkflowDefinition,
  type WorkflowParameterDefinition,
} from '../../shared/index.js';
import { checkGraph } from './check-graph.js';
import { checkMapping } from './check-parameters.js';
import { ESTIMATED_SECONDS, MAX_CONCURRENT_TASKS } from './read-workflow.js';
import type { ChangeTemplateDto, CreateTemplateDto, TemplateParameterDto } from './template.dto.js';

/** Databases refuse JSON of more than 32 levels; a snapshot puts some around the graph. */
const DEEPEST = 24;
/** Longer than any name of a model file. */
const LONGEST_OPTION = 500;
/** As JSON; the column holds 65,535. */
const LONGEST_DEFAULT_BYTES = 60_000;

/** What is wrong with a graph that somebody hands in; empty: it is one. */
export function checkNewGraph(graph: unknown): string[] {
  if (isDeeperThan(DEEPEST, graph)) return ['is nested deeper than a workflow ever is'];
  return checkGraph(graph);
}

/** What parameters hold that no column takes. */
export function checkValues(parameters: TemplateParameterDto[] = []): string[] {
  return parameters.flatMap(({ name, default_value: value, options }) => {
    const problems = [findDefaultProblem(value), ...(options ?? []).map(findOptionProblem)];
    return problems.flatMap((problem) => (problem ? [`parameter ${name}: ${problem}`] : []));
  });
}

function findDefaultProblem(value: unknown): string | undefined {
  if (isDeeperThan(DEEPEST, value)) return 'its default_value is nested deeper than a value ever is';
  const bytes = Buffer.byteLength(JSON.stringify(value ?? null));
  return bytes > LONGEST_DEFAULT_BYTES ? `its default_value has more than ${LONGEST_DEFAULT_BYTES} bytes` : undefined;
}

function findOptionProblem(option: unknown): string | undefined {
  if (typeof option !== 'string' && typeof option !== 'number') return 'its options must be texts and numbers';
  const isLong = typeof option === 'string' && option.length > LONGEST_OPTION;
  return isLong ? `an option has more than ${LONGEST_OPTION} characters` : undefined;
}

/** What keeps a draft from being published. */
export function checkDraft({ taskType, graph, parameters }: WorkflowDefinition): string[] {
  const takesPicture = parameters.some(({ name, isOpenToClients }) => name === PICTURE_PARAMETER && isOpenToClients);
  const picture = taskType === 'image_to_video' && !takesPicture;
  return [
    ...checkGraph(graph).map((problem) => `the graph ${problem}`),
    ...checkMapping(parameters, graph),
    ...(picture ? ['no open parameter "image" takes the user\'s picture, which image_to_video needs'] : []),
  ];
}

export function newDraft(given: CreateTemplateDto): WorkflowDefinition {
  const draft: WorkflowDefinition = {
    name: given.name,
    displayName: given.name,
    taskType: given.task_type,
    versionLabel: '1.0',
    description: '',
    graph: {},
    parameters: [],
    estimatedTimeSeconds: ESTIMATED_SECONDS[given.task_type],
    maxConcurrentTasks: MAX_CONCURRENT_TASKS,
    isEnabled: true,
  };
  return changeDraft(draft, given);
}

/** The draft with what is given in the place of what it had; its graph must have been checked. */
export function changeDraft(draft: WorkflowDefinition, given: Partial<ChangeTemplateDto>): WorkflowDefinition {
  return {
    ...draft,
    displayName: given.display_name ?? draft.displayName,
    taskType: given.task_type ?? draft.taskType,
    versionLabel: given.version_label ?? draft.versionLabel,
    description: given.description ?? draft.description,
    graph: (given.graph as PromptGraph | undefined) ?? draft.graph,
    parameters: given.parameters?.map(toParameter) ?? draft.parameters,
    estimatedTimeSeconds: given.estimated_time ?? draft.estimatedTimeSeconds,
    maxConcurrentTasks: given.max_concurrent_tasks ?? draft.maxConcurrentTasks,
  };
}

function toParameter(given: TemplateParameterDto): WorkflowParameterDefinition {
  const { default_value: defaultValue, min, max, options, display_name: displayName } = given;
  return {
    name: given.name,
    nodeId: given.node_id,
    inputName: given.input_name,
    type: given.type,
    description: given.description ?? '',
    isOpenToClients: given.is_open ?? true,
    ...(isGiven(defaultValue) ? { defaultValue } : {}),
    ...(isGiven(min) ? { min } : {}),
    ...(isGiven(max) ? { max } : {}),
    ...(isGiven(options) ? { options } : {}),
    ...(isGiven(displayName) ? { displayName } : {}),
    ...(given.is_required ? { isRequired: true } : {}),
  };
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
