import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { median } from '../load.js';
import { monotonicMs, percentile, type Report } from '../report.js';
import type { BenchInstallation, Workflow } from './bench-installation.js';
import type { PromptTimes } from './bench-nodes.js';

const GOAL = 0.3;

/** Prompts that take no time, from a full queue; beside bare undici that posts the same ones to the same nodes. */
export async function measureThroughput(
  installation: BenchInstallation,
  report: Report,
  { tasks, rounds }: { tasks: number; rounds: number },
): Promise<void> {
  const nodes = installation.activeUrls.length;
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await drainQueue(installation, tasks));
    bare.push(await postBare(installation, tasks));
  }
  const ratio = median(ours.map((each, index) => each / bare[index]!));
  const over = `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  report.add(`dispatches a second, ${over}, from claim to stored result`, median(ours), { unit: '/s' });
  report.add(`posts a second by bare undici, ${over}`, median(bare), { unit: '/s' });
  const goal = nodes === 100 ? { goal: GOAL, best: 'high' as const } : {};
  report.add(`ratio, ${over} (medians of ${rounds} interleaved runs of ${tasks})`, ratio, { unit: '×', ...goal });
}

/** One prompt of a second for each node, all of them free: nothing ends while the others are sent out. */
export async function measureBurst(installation: BenchInstallation, report: Report): Promise<void> {
  const nodes = installation.activeUrls.length;
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    ours.push(await drainQueue(installation, nodes, 'one-second'));
    bare.push(await postBare(installation, nodes, 'one-second'));
  }
  const ratio = median(ours.map((each, index) => each / bare[index]!));
  report.add(`prompts a second to ${nodes} free nodes`, median(ours), { unit: '/s' });
  report.add(`ratio to bare undici, ${nodes} free nodes`, ratio, { unit: '×' });
}

async function drainQueue(
  installation: BenchInstallation,
  tasks: number,
  workflow: Workflow = 'instant',
): Promise<number> {
  await installation.setOpen(false);
  const taskIds = await installation.fillQueue(workflow, tasks);
  const sinceMs = monotonicMs();
  await installation.setOpen(true);
  await installation.waitForLoad(taskIds);
  return rateOf(await installation.nodes.listSince(sinceMs, installation.activeUrls));
}

/** Each node gets one prompt after the other, as soon as it has answered to the last one. */
async function postBare(
  { nodes, activeUrls }: BenchInstallation,
  tasks: number,
  workflow: Workflow = 'instant',
): Promise<number> {
  const graph = await readFile(`bench/workflows/${workflow}.json`, 'utf8');
  const sinceMs = monotonicMs();
  await Promise.all(activeUrls.map((url) => postTo(url, graph, Math.ceil(tasks / activeUrls.length))));
  let prompts = await nodes.listSince(sinceMs, activeUrls);
  for (let tries = 0; prompts.length < tasks && tries < 100; tries += 1) {
    await delay(100);
    prompts = await nodes.listSince(sinceMs, activeUrls);
  }
  return rateOf(prompts);
}

async function postTo(url: string, graph: string, count: number): Promise<void> {
  const pool = new Pool(url, { connections: 1 });
  for (let posted = 0; posted < count; posted += 1) {
    const promptId = randomUUID();
    const prompt = JSON.parse(graph) as { save: { inputs: { filename_prefix: string } } };
    prompt.save.inputs.filename_prefix = `cws/${promptId}/save`;
    const body = JSON.stringify({ prompt, prompt_id: promptId, client_id: 'bare', extra_data: {} });
    const headers = { 'content-type': 'application/json' };
    const answer = await pool.request({ method: 'POST', path: '/prompt', headers, body });
    if (answer.statusCode !== 200) throw new Error(`A node answered ${answer.statusCode} to a bare prompt.`);
    await answer.body.dump();
  }
  await pool.close();
}

/** Prompts a second between the tenth and the ninetieth of a hundred: neither start nor end of the run counts. */
function rateOf(prompts: PromptTimes[]): number {
  const arrivals = prompts.map(({ acceptedMs }) => acceptedMs);
  const [first, last] = [percentile(arrivals, 0.1), percentile(arrivals, 0.9)];
  return (0.8 * arrivals.length * 1_000) / (last - first);
}
