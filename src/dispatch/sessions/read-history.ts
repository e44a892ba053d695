import type { ExecutionError, FileReference, HistoryEntry } from '../comfyui/protocol.js';

/** A file that a prompt made, and the node of the graph that made it. */
export interface PromptOutput {
  nodeId: string;
  file: FileReference;
}

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
 * nothing was saved: they are wiped with the node's next start.
 */
function listOutputs({ outputs }: HistoryEntry): PromptOutput[] {
  const all = Object.entries(outputs)
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap(([nodeId, output]) =>
      Object.values(output)
        .filter(Array.isArray)
        .flat()
        .filter(isFileReference)
        .map((file) => ({ nodeId, file })),
    );
  const saved = all.filter(({ file }) => file.type === 'output');
  return saved.length > 0 ? saved : all.filter(({ file }) => file.type === 'temp');
}

function isFileReference(value: unknown): value is FileReference {
  const file = value as Partial<FileReference> | null;
  return typeof file?.filename === 'string' && typeof file.subfolder === 'string' && typeof file.type === 'string';
}
