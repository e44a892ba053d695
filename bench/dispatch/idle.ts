import { monotonicMs, type Report } from '../report.js';
import type { BenchInstallation } from './bench-installation.js';
import type { PromptTimes } from './bench-nodes.js';

/** Prompts of one second, more than the nodes can take: what share of its time a node stood still between two. */
export async function measureIdle(
  installation: BenchInstallation,
  report: Report,
  { perNode }: { perNode: number },
): Promise<void> {
  const urls = installation.activeUrls;
  await installation.setOpen(false);
  const taskIds = await installation.fillQueue('one-second', perNode * urls.length);
  const sinceMs = monotonicMs();
  await installation.setOpen(true);
  await installation.waitForLoad(taskIds);
  const prompts = await installation.nodes.listSince(sinceMs, urls);
  const shares = urls.map((url) => idleShare(prompts.filter((prompt) => prompt.url === url)));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const title = `idle between prompts of 1 s, ${urls.length} ${urls.length === 1 ? 'node' : 'nodes'}`;
  report.add(title, 100 * mean, { unit: '%', goal: 1, best: 'low' });
}

/** From its first start until the start of its last prompt: the end of the queue is nobody's idleness. */
function idleShare(prompts: PromptTimes[]): number {
  const inOrder = [...prompts].sort((a, b) => a.startedMs - b.startedMs);
  const [first, last] = [inOrder[0], inOrder.at(-1)];
  if (!first || !last || first === last) return 1;
  let idleMs = 0;
  for (const [index, { startedMs }] of inOrder.entries()) {
    const before = inOrder[index - 1];
    if (before) idleMs += startedMs - before.finishedMs;
  }
  return idleMs / (last.startedMs - first.startedMs);
}
