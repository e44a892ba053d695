import type { ExecutionError, FileReference, HistoryEntry } from '../comfyui/protocol.js';

/** A file that a prompt made, or a text that it only told, and the node of the graph that it comes from. */
export type PromptOutput = { nodeId: string; file: FileReference } | { nodeId: string; text: string };

export type PromptEnd =
  { kind: 'success'; outputs: PromptOutput[] } | { kind: 'interrupted' } | { kind: 'error'; error: ExecutionError };

/** How a prompt ended: success only if `completed` and by its last message (docs/comfyui-protocol.md, 6.6). */
export function readHistory(entry: HistoryEntry): PromptEnd {
  const messages = entry.status?.messages ?? [];
  const [lastType, lastData] = messages.at(-1) ?? ['', {}];
  if (entry.status?.completed === true && lastType === 'execution_success') {
    return { kind: 'success', outputs: listOutputs(entry) };
  }
  if (lastType === 'execution_interrupted') return { kind: 'interrupted' };
  return { kind: 'error', error: lastType === 'execution_error' ? lastData : {} };
}

/**
 * Whatever looks like a file under any key of any node, in the order of node ids. Previews (`temp`) count only where
 * nothing was saved: they are wiped with the node's next start. Texts (of nodes that show one) count only where
 * there is no file at all: beside pictures they are remarks, and a page would show each as a broken picture.
 */
function listOutputs({ outputs }: HistoryEntry): PromptOutput[] {
  const nodes = Object.entries(outputs).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  const all = nodes.flatMap(([nodeId, output]) =>
    Object.values(output)
      .filter(Array.isArray)
      .flat()
      .filter(isFileReference)
      .map((file) => ({ nodeId, file })),
  );
  for (const type of ['output', 'temp']) {
    const files = all.filter(({ file }) => file.type === type);
    if (files.length > 0) return files;
  }
  return nodes.flatMap(([nodeId, { text }]) => textsOf(text).map((one) => ({ nodeId, text: one })));
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');
}

function isFileReference(value: unknown): value is FileReference {
  const file = value as Partial<FileReference> | null;
  return typeof file?.filename === 'string' && typeof file.subfolder === 'string' && typeof file.type === 'string';
}
