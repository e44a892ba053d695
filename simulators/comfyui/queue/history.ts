import type { HistoryEntry, QueueItem } from '../protocol.js';

/** Finished prompts, oldest first. A prompt id that runs again keeps its place and gets the newer entry. */
export class History {
  private readonly entries = new Map<string, HistoryEntry>();
  private readonly missing = new Map<string, () => void>();

  constructor(private readonly limit: number) {}

  add(entry: Omit<HistoryEntry, 'prompt'>, item: QueueItem): void {
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.limit && oldest !== undefined) this.entries.delete(oldest);
    this.entries.set(item[1], { prompt: withoutSecrets(item), ...entry });
  }

  find(promptId: string): Record<string, HistoryEntry> {
    const entry = this.entries.get(promptId);
    if (!entry) this.missing.get(promptId)?.();
    return entry ? { [promptId]: entry } : {};
  }

  /** Resolves when somebody next looks for this prompt in vain. */
  async missed(promptId: string): Promise<void> {
    await new Promise<void>((resolve) => this.missing.set(promptId, resolve));
    this.missing.delete(promptId);
  }

  /** Without an offset the last `maxItems`, else as many from that position on. */
  list(maxItems?: number, offset = -1): Record<string, HistoryEntry> {
    const all = [...this.entries];
    const start = offset < 0 && maxItems !== undefined ? Math.max(0, all.length - maxItems) : Math.max(0, offset);
    return Object.fromEntries(all.slice(start, maxItems === undefined ? undefined : start + maxItems));
  }

  delete(promptId: string): void {
    this.entries.delete(promptId);
  }

  clear(): void {
    this.entries.clear();
  }
}

function withoutSecrets([number, promptId, graph, extraData, outputs]: QueueItem): QueueItem {
  const { auth_token_comfy_org: _token, api_key_comfy_org: _key, ...rest } = extraData;
  return [number, promptId, graph, rest, outputs];
}
