import { findValueProblem, type PromptGraph, type WorkflowParameterDefinition } from '../../shared/index.js';

/** What is wrong between a workflow's parameters and its graph, in words. */
export function checkParameters(parameters: WorkflowParameterDefinition[], graph: PromptGraph): string[] {
  return [
    ...parameters.flatMap((parameter) => {
      const problems = [...checkPlace(parameter, graph), ...checkRange(parameter), ...checkDefault(parameter)];
      return problems.map((problem) => `parameter ${parameter.name}${problem}`);
    }),
    ...findTwice(parameters.map(({ name }) => name)).map((name) => `parameter ${name} is there twice`),
  ];
}

/** The same, and what old files may hold and nobody should write anew. */
export function checkMapping(parameters: WorkflowParameterDefinition[], graph: PromptGraph): string[] {
  const places = findTwice(parameters.map(({ nodeId, inputName }) => `${inputName} of node ${nodeId}`));
  const wiring = parameters.filter((parameter) => isOpenLink(parameter, graph));
  return [
    ...checkParameters(parameters, graph),
    ...places.map((place) => `two parameters set ${place}`),
    ...wiring.map(
      ({ name }) => `parameter ${name} is open JSON in the place of a link: submits could rewire the graph`,
    ),
  ];
}

function isOpenLink({ type, isOpenToClients, nodeId, inputName }: WorkflowParameterDefinition, graph: PromptGraph) {
  const inputs = Object.hasOwn(graph, nodeId) ? graph[nodeId]?.inputs : undefined;
  return type === 'json' && isOpenToClients && Array.isArray(inputs?.[inputName]);
}

function checkPlace({ nodeId, inputName }: WorkflowParameterDefinition, graph: PromptGraph): string[] {
  const inputs = Object.hasOwn(graph, nodeId) ? graph[nodeId]?.inputs : undefined;
  if (!inputs) return [` names node ${nodeId}, which is not there`];
  return Object.hasOwn(inputs, inputName) ? [] : [` names input ${inputName}, which node ${nodeId} does not have`];
}

function checkRange({ name, type, min, max, options, isRequired, isOpenToClients }: WorkflowParameterDefinition) {
  const hasRange = min !== undefined || max !== undefined;
  const problems: string[] = [];
  if (hasRange && type !== 'int' && type !== 'float') problems.push(`: min and max are for numbers, not for ${type}`);
  if (min !== undefined && max !== undefined && min > max) problems.push(`: min ${min} is above max ${max}`);
  if (name === 'seed' && (hasRange || options))
    problems.push(' is drawn from all seeds: it takes no range, no options');
  if (options?.length === 0) problems.push(': options hold nothing');
  for (const option of options ?? []) {
    const problem = findValueProblem({ type, ...bounds(min, max) }, option);
    if (problem) problems.push(`: its option ${JSON.stringify(option)} ${problem}`);
  }
  if (isRequired && !isOpenToClients) problems.push(' is required, but a submit may not set it');
  return problems;
}

function bounds(min: number | undefined, max: number | undefined) {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function checkDefault(parameter: WorkflowParameterDefinition): string[] {
  const { defaultValue: value } = parameter;
  // A seed of -1 asks for one to be drawn.
  if (value === undefined || value === null) return [];
  const problem = findValueProblem(parameter, value);
  return problem ? [`: its default_value ${JSON.stringify(value)} ${problem}`] : [];
}

function findTwice(names: string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
