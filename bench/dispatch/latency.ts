import { monotonicMs, percentile, type Report } from '../report.js';
import type { BenchInstallation, Submitted } from './bench-installation.js';

interface Latencies {
  dispatchMs: number[];
  noticedMs: number[];
}

/** Tasks one after another to nodes that are all free. */
export async function measureLatency(installation: BenchInstallation, report: Report): Promise<void> {
  const nodes = installation.activeUrls.length;
  await takeWaves(installation, { waves: 5, tasks: 1 });
  const { dispatchMs, noticedMs } = await takeWaves(installation, { waves: 100, tasks: 1 });
  const among = `${nodes} free ${nodes === 1 ? 'node' : 'nodes'}`;
  report.add(`submit answered → /prompt, ${among}, p50`, percentile(dispatchMs, 0.5), goalMs(50));
  report.add(`submit answered → /prompt, ${among}, p99`, percentile(dispatchMs, 0.99), goalMs(250));
  report.add(`end marker → row completed, ${nodes} nodes, p50`, percentile(noticedMs, 0.5), { unit: 'ms' });
  report.add(`end marker → row completed, ${nodes} nodes, p99`, percentile(noticedMs, 0.99), goalMs(300));
}

/** With every WebSocket cut: only polls tell. */
export async function measureWithoutSockets(installation: BenchInstallation, report: Report): Promise<void> {
  const urls = installation.activeUrls;
  await installation.nodes.cutSockets(urls);
  while ((await installation.nodes.countUncut(urls)) > 0) {
    await takeWaves(installation, { waves: 1, tasks: urls.length });
  }
  const { noticedMs } = await takeWaves(installation, { waves: 6, tasks: urls.length });
  await installation.nodes.mendSockets(urls);
  report.add(`the same without sockets, ${urls.length} nodes, p50`, percentile(noticedMs, 0.5), { unit: 'ms' });
  report.add(`the same without sockets, ${urls.length} nodes, p99`, percentile(noticedMs, 0.99), goalMs(1_500));
}

/** So many tasks at once, and the next ones when they are all over. */
async function takeWaves(
  installation: BenchInstallation,
  { waves, tasks }: { waves: number; tasks: number },
): Promise<Latencies> {
  const sinceMs = monotonicMs();
  const submitted = new Map<string, Submitted>();
  const completedMs = new Map<string, number>();
  for (let wave = 0; wave < waves; wave += 1) {
    const some = await Promise.all(Array.from({ length: tasks }, () => installation.submit('instant')));
    for (const each of some) submitted.set(each.taskId, each);
    const ends = await installation.waitForCompletion(some.map(({ taskId }) => taskId));
    for (const [taskId, atMs] of ends) completedMs.set(taskId, atMs);
  }
  const prompts = await installation.nodes.listSince(sinceMs, installation.activeUrls);
  if (prompts.length !== submitted.size) throw new Error(`${submitted.size} tasks made ${prompts.length} prompts.`);
  return {
    dispatchMs: prompts.map(({ taskId, acceptedMs }) => acceptedMs - submitted.get(taskId!)!.answeredMs),
    noticedMs: prompts.map(({ taskId, finishedMs }) => completedMs.get(taskId!)! - finishedMs),
  };
}

function goalMs(goal: number): { unit: string; goal: number; best: 'low' } {
  return { unit: 'ms', goal, best: 'low' };
}
