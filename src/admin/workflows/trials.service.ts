import { randomInt } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { ConflictError, InvalidInputError } from '../../common/index.js';
import {
  findValueProblem,
  listMissing,
  PICTURE_PARAMETER,
  requirementOf,
  type Requirement,
  type TaskParameter,
  type WorkflowDefinition,
} from '../../shared/index.js';
import { AuditService } from '../audit/audit.service.js';
import type { NodeView } from '../nodes/node-view.js';
import { NodesService } from '../nodes/nodes.service.js';
import { checkDraft } from './edit-draft.js';
import { draftOf } from './template-definition.js';
import type { TryTemplateDto } from './template.dto.js';
import { about, TemplatesService } from './templates.service.js';
import type { TrialNodeView, TrialView } from './trial.view.js';
import { TRIALS, type Trials } from './trials.js';

const LARGEST_SEED = 2 ** 48 - 1;

/** Tries a draft before anybody sees it: whether it can run, where, and what comes out. */
@Injectable()
export class TrialsService {
  constructor(
    private readonly templates: TemplatesService,
    private readonly nodes: NodesService,
    private readonly audit: AuditService,
    // Commands open this module without the application around it.
    @Optional() @Inject(TRIALS) private readonly trials?: Trials,
  ) {}

  async try(name: string, request: TryTemplateDto): Promise<TrialView> {
    const draft = draftOf(await this.templates.find(name));
    const problems = checkDraft(draft);
    const parameters = chooseValues(draft, request.parameters);
    const needs = requirementOf(withValues(draft, parameters), null);
    const views = await this.nodes.list();
    const nodes = views.map((node) => judge(node, needs));
    const values = Object.fromEntries(parameters.map((each) => [each.name, JSON.parse(each.value) as unknown]));
    const canRun = problems.length === 0 && nodes.some((node) => node.can_run);
    const checked: TrialView = { can_run: canRun, problems, values, needs, nodes, run: null };
    if (!request.run) return checked;
    if (problems.length > 0) throw notRunnable(problems);
    return { ...checked, run: await this.run(draft, parameters, { request, views, nodes }) };
  }

  private async run(
    draft: WorkflowDefinition,
    parameters: TaskParameter[],
    { request, views, nodes }: { request: TryTemplateDto; views: NodeView[]; nodes: TrialNodeView[] },
  ) {
    const able = new Set(nodes.filter((node) => node.can_run).map((node) => node.node_id));
    const candidates = views.filter(({ nodeId }) => able.has(nodeId) && nodeId === (request.node_id ?? nodeId));
    const [node] = candidates.sort((a, b) => a.currentLoad - b.currentLoad);
    if (!node?.capabilities) {
      const which = request.node_id === undefined ? 'No node' : `The node ${request.node_id}`;
      throw new ConflictError(`${which} can run it now; "nodes" of a trial without run says why.`, 'NO_CAPABLE_NODE');
    }
    await this.audit.record({ ...about(draft.name, 'try'), after: { node_id: node.nodeId } });
    const { url: nodeUrl, capabilities } = node;
    const withinMs = request.timeout_seconds * 1_000;
    const made = await this.driver.render({ nodeUrl, definition: draft, parameters, capabilities, withinMs });
    return { node_id: node.nodeId, ...made };
  }

  private get driver(): Trials {
    if (!this.trials) throw new Error('trials need the application');
    return this.trials;
  }
}

function judge(node: NodeView, needs: Requirement): TrialNodeView {
  const missing = node.capabilities ? [...listMissing(needs, node.capabilities)] : [];
  const isOnline = node.status === 'online' || node.status === 'busy';
  const isKnown = node.capabilities !== undefined;
  const canRun = isKnown && missing.length === 0 && isOnline && !node.isCordoned && !node.drainUntil;
  const { nodeId, name, status } = node;
  return { node_id: nodeId, name, status, can_run: canRun, is_known: isKnown, missing };
}

/** As a submit would, but for what it may not set; what the request leaves out is the template's, or the graph's own. */
function chooseValues(draft: WorkflowDefinition, given: unknown): TaskParameter[] {
  const asked = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const known = new Set(draft.parameters.map(({ name }) => name));
  const takesOurs = (name: string) => draft.taskType === 'image_to_video' && name === PICTURE_PARAMETER;
  const problems = Object.keys(asked).flatMap((name) => {
    const field = `parameters.${name}`;
    if (!known.has(name)) return { field, message: `The workflow has no parameter ${name}.` };
    return takesOurs(name) ? { field, message: 'A trial takes a plain picture of its own; leave it out.' } : [];
  });
  const chosen = draft.parameters.flatMap((parameter): TaskParameter[] => {
    const { name, type, defaultValue } = parameter;
    const wanted = (Object.hasOwn(asked, name) ? asked[name] : undefined) ?? defaultValue;
    const isDrawn = name === 'seed' && type === 'int' && (wanted ?? -1) === -1;
    const value = isDrawn ? randomInt(LARGEST_SEED) : wanted;
    if (value === undefined || value === null) return [];
    const problem = findValueProblem(parameter, value);
    if (problem) problems.push({ field: `parameters.${name}`, message: `${name} ${problem}.` });
    return [{ name, type, value: JSON.stringify(value) }];
  });
  if (problems.length > 0) throw new InvalidInputError(problems);
  return chosen;
}

/** The graph as it would be sent, so that a model chosen by a parameter is looked for in the place of the graph's. */
function withValues(draft: WorkflowDefinition, parameters: TaskParameter[]): WorkflowDefinition {
  const values = new Map(parameters.map(({ name, value }) => [name, JSON.parse(value) as unknown]));
  const graph = structuredClone(draft.graph);
  for (const { name, nodeId, inputName } of draft.parameters) {
    const inputs = Object.hasOwn(graph, nodeId) ? graph[nodeId]?.inputs : undefined;
    if (inputs && values.has(name)) inputs[inputName] = values.get(name);
  }
  return { ...draft, graph };
}

function notRunnable(problems: string[]): InvalidInputError {
  const errors = problems.map((problem) => ({ field: 'workflow', message: `It cannot run: ${problem}.` }));
  return new InvalidInputError(errors, 'WORKFLOW_NOT_RUNNABLE');
}
