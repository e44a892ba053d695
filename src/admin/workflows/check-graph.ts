import type { PromptGraph } from '../../shared/index.js';

/** Nodes whose files a dispatcher cannot keep: they lie in a folder that is wiped, or never become files. */
const UNKEPT_SAVERS = new Map([
  ['PreviewImage', 'keeps its pictures only until the node restarts'],
  ['SaveImageWebsocket', 'sends its pictures to a browser and saves none'],
]);

/** Its text comes with the prompt's history: there is no file to name. */
const TEXT_OUTPUT = 'PreviewAny';

const FORMAT_HELP = 'in ComfyUI choose "Workflow → Export (API)" and use that file';

/** Ten times the largest workflows that people share. */
const MOST_NODES = 2_000;

/**
 * Everything about a graph that ComfyUI would accept and then die of, or refuse only at run time; in words, all at
 * once. Empty: the graph is a PromptGraph that can run.
 */
export function checkGraph(graph: unknown): string[] {
  if (!isObject(graph)) return [`is not a JSON object; ${FORMAT_HELP}`];
  if (Array.isArray(graph.nodes) || Array.isArray(graph.links) || Number.isInteger(graph.last_node_id)) {
    return [`is in the format of ComfyUI's editor, which its API does not take; ${FORMAT_HELP}`];
  }
  const count = Object.keys(graph).length;
  if (count === 0) return ['holds no nodes'];
  if (count > MOST_NODES) return [`holds ${count} nodes; at most ${MOST_NODES} are taken`];
  const problems = Object.entries(graph).flatMap(([id, node]) => checkNode(id, node, graph));
  if (problems.length > 0) return problems;
  const checked = graph as PromptGraph;
  return [...checkCycles(checked), ...checkSavers(checked)];
}

function checkNode(id: string, node: unknown, graph: Record<string, unknown>): string[] {
  if (!isObject(node)) return [`node ${id} is not an object`];
  const problems: string[] = [];
  if (typeof node.class_type !== 'string' || node.class_type === '') problems.push(`node ${id} has no class_type`);
  if (!isObject(node.inputs)) return [...problems, `node ${id} has no inputs`];
  for (const [input, value] of Object.entries(node.inputs)) {
    const problem = Array.isArray(value) ? findLinkProblem(value, graph) : undefined;
    if (problem) problems.push(`node ${id}, input ${input}: ${problem}`);
  }
  return problems;
}

function findLinkProblem(link: unknown[], graph: Record<string, unknown>): string | undefined {
  const [source, slot] = link;
  if (link.length !== 2 || typeof source !== 'string' || !Number.isInteger(slot) || (slot as number) < 0) {
    return 'a list is a link and must be ["node id", output number]; wrap a literal list as {"__value__": […]}';
  }
  return Object.hasOwn(graph, source) ? undefined : `links to node ${source}, which is not there`;
}

function checkCycles(graph: PromptGraph): string[] {
  const done = new Set<string>();
  const path = new Set<string>();
  // Returns the node that closes a circle; each node is entered once.
  const visit = (id: string): string | undefined => {
    if (path.has(id)) return id;
    if (done.has(id)) return undefined;
    path.add(id);
    const found = sourcesOf(graph, id)
      .map(visit)
      .find((closing) => closing !== undefined);
    path.delete(id);
    done.add(id);
    return found;
  };
  const closing = Object.keys(graph)
    .map(visit)
    .find((id) => id !== undefined);
  return closing === undefined ? [] : [`node ${closing} depends on itself through its links`];
}

function sourcesOf(graph: PromptGraph, id: string): string[] {
  const values = Object.values(graph[id]?.inputs ?? {});
  return values.filter((value) => Array.isArray(value)).map((link: unknown[]) => String(link[0]));
}

/** Each attempt writes its own id into the savers' prefixes (I15), so there must be one to write. */
function checkSavers(graph: PromptGraph): string[] {
  const problems: string[] = [];
  let savers = 0;
  for (const [id, { class_type: className, inputs }] of Object.entries(graph)) {
    const reason = UNKEPT_SAVERS.get(className);
    if (reason) problems.push(`node ${id} (${className}) ${reason}; use SaveImage`);
    if (!('filename_prefix' in inputs)) continue;
    if (typeof inputs.filename_prefix === 'string') savers += 1;
    else problems.push(`node ${id} (${className}): filename_prefix must be a text of its own, not a link`);
  }
  const showsText = Object.values(graph).some(({ class_type: className }) => className === TEXT_OUTPUT);
  if (savers === 0 && !showsText)
    problems.push('no node saves a file: one with a filename_prefix is needed, such as SaveImage');
  return problems;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
