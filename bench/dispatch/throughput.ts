import { availableParallelism } from 'node:os';
import { median } from '../load.js';
import { monotonicMs, percentile, type Report } from '../report.js';
import { BareClient } from './bare-client.js';
import type { BenchInstallation, Workflow } from './bench-installation.js';
import type { PromptTimes } from './bench-nodes.js';

const GOAL = 0.3;

interface Run {
  perSecond: number;
  /** Milliseconds of a core that the simulated nodes took for each prompt. */
  nodesCpuMs: number;
  /** What share of all cores' time was theirs. */
  nodesShare: number;
}

/**
 * Prompts that take no time, from a full queue; beside bare undici that posts the same ones to the same nodes, and
 * beside one that also waits for each and fetches its picture, so that the nodes have the same work as with us.
 */
export async function measureThroughput(
  installation: BenchInstallation,
  report: Report,
  { tasks, rounds }: { tasks: number; rounds: number },
): Promise<void> {
  const { nodes, activeUrls } = installation;
  const share = Math.ceil(tasks / activeUrls.length);
  const ours: Run[] = [];
  const posted: Run[] = [];
  const fetched: Run[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await drainQueue(installation, tasks));
    const bare = (work: (client: BareClient) => Promise<void>) =>
      measure(installation, tasks, async () => {
        await BareClient.each(activeUrls, 'instant', work);
        await nodes.waitUntilIdle(activeUrls);
      });
    posted.push(await bare((client) => client.post(share)));
    fetched.push(await bare((client) => client.postAndFetch(share)));
  }
  addLines(report, activeUrls.length, { ours, posted, fetched }, `medians of ${rounds} interleaved runs of ${tasks}`);
}

function addLines(
  report: Report,
  nodes: number,
  { ours, posted, fetched }: Record<'ours' | 'posted' | 'fetched', Run[]>,
  how: string,
): void {
  const over = `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  const of = (runs: Run[], what: keyof Run) => median(runs.map((run) => run[what]));
  const ratioTo = (bare: Run[]) => median(ours.map((run, index) => run.perSecond / bare[index]!.perSecond));
  report.add(`dispatches a second, ${over}, from claim to stored result`, of(ours, 'perSecond'), { unit: '/s' });
  report.add(`posts a second by bare undici, ${over}`, of(posted, 'perSecond'), { unit: '/s' });
  const goal = nodes === 100 ? { goal: GOAL, best: 'high' as const } : {};
  report.add(`ratio, ${over} (${how})`, ratioTo(posted), { unit: '×', ...goal });
  report.add(`posts followed and fetched by bare undici, ${over}`, of(fetched, 'perSecond'), { unit: '/s' });
  report.add(`ratio to that, ${over}`, ratioTo(fetched), { unit: '×' });
  report.add(`CPU of the simulated nodes for one of ours, ${over}`, of(ours, 'nodesCpuMs'), { unit: 'ms' });
  report.add(`CPU of the simulated nodes for a bare post, ${over}`, of(posted, 'nodesCpuMs'), { unit: 'ms' });
  report.add(`share of all cores that is theirs with us, ${over}`, 100 * of(ours, 'nodesShare'), { unit: '%' });
}

/** One prompt of a second for each node, all of them free: nothing ends while the others are sent out. */
export async function measureBurst(installation: BenchInstallation, report: Report): Promise<void> {
  const { activeUrls } = installation;
  const nodes = activeUrls.length;
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    ours.push((await drainQueue(installation, nodes, 'one-second')).perSecond);
    const posting = async () => {
      await BareClient.each(activeUrls, 'one-second', (client) => client.post(1));
      await installation.nodes.waitUntilIdle(activeUrls);
    };
    bare.push((await measure(installation, nodes, posting)).perSecond);
  }
  const ratio = median(ours.map((each, index) => each / bare[index]!));
  report.add(`prompts a second to ${nodes} free nodes`, median(ours), { unit: '/s' });
  report.add(`ratio to bare undici, ${nodes} free nodes`, ratio, { unit: '×', goal: GOAL, best: 'high' });
}

async function drainQueue(
  installation: BenchInstallation,
  tasks: number,
  workflow: Workflow = 'instant',
): Promise<Run> {
  await installation.setOpen(false);
  const taskIds = await installation.fillQueue(workflow, tasks);
  return measure(installation, tasks, async () => {
    await installation.setOpen(true);
    await installation.waitForLoad(taskIds);
  });
}

async function measure(
  { nodes, activeUrls }: BenchInstallation,
  tasks: number,
  work: () => Promise<void>,
): Promise<Run> {
  const cpuBeforeMs = await nodes.readCpuMs();
  const sinceMs = monotonicMs();
  await work();
  const tookMs = monotonicMs() - sinceMs;
  const cpuMs = (await nodes.readCpuMs()) - cpuBeforeMs;
  const perSecond = rateOf(await nodes.listSince(sinceMs, activeUrls));
  return { perSecond, nodesCpuMs: cpuMs / tasks, nodesShare: cpuMs / (tookMs * availableParallelism()) };
}

/** Prompts a second between the tenth and the ninetieth of a hundred: neither start nor end of the run counts. */
function rateOf(prompts: PromptTimes[]): number {
  const arrivals = prompts.map(({ acceptedMs }) => acceptedMs);
  const [first, last] = [percentile(arrivals, 0.1), percentile(arrivals, 0.9)];
  return (0.8 * arrivals.length * 1_000) / (last - first);
}
