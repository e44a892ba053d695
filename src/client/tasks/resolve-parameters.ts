import { InvalidInputError, type FieldProblem } from '../../common/index.js';
import {
  findValueProblem,
  type TaskParameter,
  type WorkflowDefinition,
  type WorkflowParameterDefinition,
} from '../../shared/index.js';

/** The value of `seed` that asks for one to be drawn. */
const DRAW = -1;

/**
 * The value of every parameter of a workflow: the request's where the workflow opens it to clients, else the
 * template's default, else what the graph holds; `null` counts as left out. Throws InvalidInputError with all fields
 * at fault. What the workflow does not open is ignored.
 */
export function resolveParameters(
  definition: WorkflowDefinition,
  given: Record<string, unknown>,
  drawSeed: () => number,
): TaskParameter[] {
  const problems: FieldProblem[] = [];
  const resolved: TaskParameter[] = [];
  for (const parameter of definition.parameters) {
    const value = chooseValue(definition, parameter, given);
    const problem = isMissing(parameter, given) ? missing(parameter) : findProblem(parameter, value);
    if (problem) problems.push(problem);
    else if (value !== undefined)
      resolved.push(toTaskParameter(parameter, isDrawn(parameter, value) ? drawSeed() : value));
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return resolved;
}

function chooseValue(
  definition: WorkflowDefinition,
  parameter: WorkflowParameterDefinition,
  given: Record<string, unknown>,
): unknown {
  const { name, isOpenToClients } = parameter;
  const asked = isOpenToClients && Object.hasOwn(given, name) ? given[name] : undefined;
  return asked !== undefined && asked !== null ? asked : defaultOf(definition, parameter);
}

/** What a parameter is where a request says nothing; undefined where it is linked to another node. */
export function defaultOf(
  { graph }: WorkflowDefinition,
  { name, nodeId, inputName, defaultValue }: WorkflowParameterDefinition,
): unknown {
  if (defaultValue !== undefined && defaultValue !== null) return defaultValue;
  // A seed saved in a graph would make everybody the same picture: without a default of its own it is drawn.
  if (name === 'seed') return DRAW;
  const own = graph[nodeId]?.inputs[inputName];
  // An array is a link to another node, not a value: there is nothing to show or to set.
  return own === null || Array.isArray(own) ? undefined : own;
}

function isDrawn({ name, type }: WorkflowParameterDefinition, value: unknown): boolean {
  return name === 'seed' && type === 'int' && value === DRAW;
}

function isMissing({ name, isRequired, isOpenToClients }: WorkflowParameterDefinition, given: Record<string, unknown>) {
  if (!isRequired || !isOpenToClients) return false;
  return !Object.hasOwn(given, name) || given[name] === undefined || given[name] === null;
}

function missing({ name }: WorkflowParameterDefinition): FieldProblem {
  return { field: name, message: `${name} is required by this workflow.` };
}

function findProblem(parameter: WorkflowParameterDefinition, value: unknown): FieldProblem | undefined {
  const { name } = parameter;
  // A seed that is to be drawn is no value yet, and is drawn from all there are.
  if (value === undefined || isDrawn(parameter, value)) return undefined;
  const problem = findValueProblem(parameter, value);
  return problem ? { field: name, message: `${name} ${problem}.` } : undefined;
}

function toTaskParameter({ name, type }: WorkflowParameterDefinition, value: unknown): TaskParameter {
  return { name, type, value: JSON.stringify(value) };
}
