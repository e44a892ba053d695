import type { PromptGraph } from '../../shared/index.js';
import type { ExecutionError, FileReference, HistoryEntry } from '../comfyui/protocol.js';

/**
 * A file that a prompt made, or a text that it only told, and the node of the graph that it comes from: made by this
 * run, or taken from the node's cache, which then names the file of an earlier one (docs/comfyui-protocol.md, 5.5).
 */
export type PromptOutput = { nodeId: string; state: 'fresh' | 'cached' } & ({ file: FileReference } | { text: string });

export type PromptEnd =
  | { kind: 'success'; outputs: PromptOutput[]; /** Savers of the graph that name no file. */ missing: string[] }
  | { kind: 'interrupted' }
  | { kind: 'error'; error: ExecutionError };

/** How a prompt ended: success only if `completed` and by its last message (docs/comfyui-protocol.md, 6.6). */
export function readHistory(entry: HistoryEntry): PromptEnd {
  const messages = entry.status?.messages ?? [];
  const [lastType, lastData] = messages.at(-1) ?? ['', {}];
  if (entry.status?.completed === true && lastType === 'execution_success') {
    return { kind: 'success', outputs: listOutputs(entry), missing: listMissing(entry) };
  }
  if (lastType === 'execution_interrupted') return { kind: 'interrupted' };
  return { kind: 'error', error: lastType === 'execution_error' ? lastData : {} };
}

/**
 * Whatever looks like a file under any key of any node, in the order of node ids. Previews (`temp`) count only where
 * nothing was saved: they are wiped with the node's next start. Texts (of nodes that show one) count only where
 * there is no file at all: beside pictures they are remarks, and a page would show each as a broken picture.
 */
function listOutputs({ outputs, status }: HistoryEntry): PromptOutput[] {
  const cached = cachedNodes(status?.messages ?? []);
  const nodes = Object.entries(outputs)
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([nodeId, output]) => ({
      nodeId,
      output,
      state: cached.has(nodeId) ? ('cached' as const) : ('fresh' as const),
    }));
  const all = nodes.flatMap(({ nodeId, output, state }) => filesOf(output).map((file) => ({ nodeId, state, file })));
  for (const type of ['output', 'temp']) {
    const files = all.filter(({ file }) => file.type === type);
    if (files.length > 0) return files;
  }
  return nodes.flatMap(({ nodeId, output, state }) => textsOf(output.text).map((text) => ({ nodeId, state, text })));
}

/** Success says nothing of branches that were blocked, or left out: each node that saves under a name owes a file. */
function listMissing({ prompt, outputs }: HistoryEntry): string[] {
  const [graph, asked] = [prompt?.[2] as PromptGraph | undefined, prompt?.[4]];
  if (!graph || !Array.isArray(asked)) return [];
  const savers = asked.map(String).filter((nodeId) => 'filename_prefix' in (graph[nodeId]?.inputs ?? {}));
  return savers.filter((nodeId) => filesOf(outputs[nodeId] ?? {}).length === 0);
}

function cachedNodes(messages: [string, Record<string, unknown>][]): Set<string> {
  const told = messages.find(([type]) => type === 'execution_cached')?.[1].nodes;
  return new Set(Array.isArray(told) ? told.map(String) : []);
}

function filesOf(output: Record<string, unknown>): FileReference[] {
  return Object.values(output).filter(Array.isArray).flat().filter(isFileReference);
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');
}

function isFileReference(value: unknown): value is FileReference {
  const file = value as Partial<FileReference> | null;
  return typeof file?.filename === 'string' && typeof file.subfolder === 'string' && typeof file.type === 'string';
}
