import type { NodeView } from './node-view.js';

type State = Record<string, unknown>;

/** What of a registration is new, lost or another: before and after, for the audit log. Undefined: nothing is. */
export function diffNodes(
  before: NodeView | undefined,
  after: NodeView | undefined,
): { before?: State; after?: State } | undefined {
  const [old, young] = [before && toState(before), after && toState(after)];
  if (!old || !young) return { ...(old ? { before: old } : {}), ...(young ? { after: young } : {}) };
  const changed = Object.keys(young).filter((name) => JSON.stringify(old[name]) !== JSON.stringify(young[name]));
  if (changed.length === 0) return undefined;
  const pick = (state: State) => Object.fromEntries(changed.map((name) => [name, state[name]]));
  return { before: pick(old), after: pick(young) };
}

/** What is registered, and nothing of what is seen. */
function toState({ name, url, maxConcurrent, taskTypes, metadata }: NodeView): State {
  return { name, url, max_concurrent: maxConcurrent, task_types: taskTypes, metadata };
}
