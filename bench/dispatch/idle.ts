import { monotonicMs, type Report } from '../report.js';
import { BareClient } from './bare-client.js';
import type { BenchInstallation } from './bench-installation.js';
import type { PromptTimes } from './bench-nodes.js';

/**
 * Prompts of one second, more than the nodes can take: what share of its time a node stood still between two, beyond
 * what it does when all its prompts stand in its own queue from the beginning.
 */
export async function measureIdle(
  installation: BenchInstallation,
  report: Report,
  { perNode }: { perNode: number },
): Promise<void> {
  const { nodes, activeUrls: urls } = installation;
  await installation.setOpen(false);
  const taskIds = await installation.fillQueue('one-second', perNode * urls.length);
  const ours = await meanIdleShare(installation, async () => {
    await installation.setOpen(true);
    await installation.waitForLoad(taskIds);
  });
  const bare = await meanIdleShare(installation, async () => {
    await BareClient.each(urls, 'one-second', (client) => client.post(perNode));
    await nodes.waitUntilIdle(urls);
  });
  const among = `${urls.length} ${urls.length === 1 ? 'node' : 'nodes'}`;
  report.add(`idle between prompts of 1 s, ${among}`, 100 * ours, { unit: '%' });
  report.add(`idle with all prompts in the node's queue, ${among}`, 100 * bare, { unit: '%' });
  report.add(`idle beyond that, ${among}`, 100 * (ours - bare), { unit: '%', goal: 1, best: 'low' });
}

async function meanIdleShare(
  { nodes, activeUrls: urls }: BenchInstallation,
  work: () => Promise<void>,
): Promise<number> {
  const sinceMs = monotonicMs();
  await work();
  const prompts = await nodes.listSince(sinceMs, urls);
  const shares = urls.map((url) => idleShare(prompts.filter((prompt) => prompt.url === url)));
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
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
