import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { PromptLogEntry } from '../../simulators/comfyui/prompt-log.js';

/** One core's worth of simulators; more processes than cores would only take turns. */
const PROCESSES = 2;

interface ExecInfo {
  exec_info: { queue_remaining: number };
}

/** What a node saw of a prompt, on the machine's monotonic clock. */
export interface PromptTimes {
  url: string;
  promptId: string;
  /** Undefined for one that did not come from the service. */
  taskId: string | undefined;
  acceptedMs: number;
  startedMs: number;
  /** Written after the frame `execution_success` was sent and before the one that says that nothing runs. */
  finishedMs: number;
}

/** Simulated nodes in processes of their own. */
export class BenchNodes {
  private readonly children: ChildProcess[] = [];
  readonly urls: string[] = [];

  static async start(count: number): Promise<BenchNodes> {
    const nodes = new BenchNodes();
    const share = Math.ceil(count / PROCESSES);
    for (let left = count; left > 0; left -= share) await nodes.startHost(Math.min(left, share));
    return nodes;
  }

  /** What the nodes' processes have taken of the cores so far. */
  async readCpuMs(): Promise<number> {
    const used = this.children.map(async (child) => {
      child.send('cpu');
      const [usage] = (await once(child, 'message')) as [NodeJS.CpuUsage];
      return (usage.user + usage.system) / 1_000;
    });
    return (await Promise.all(used)).reduce((sum, ms) => sum + ms, 0);
  }

  /** Every prompt that arrived since then and is over. */
  async listSince(sinceMs: number, urls = this.urls): Promise<PromptTimes[]> {
    const times = new Map<string, PromptTimes>();
    for (const url of urls) {
      const entries = (await (await fetch(`${url}/simulator/log`)).json()) as PromptLogEntry[];
      for (const { event, prompt_id: promptId, extra_data: extra, monotonic_ms: atMs } of entries) {
        if (event === 'accepted' && atMs >= sinceMs) {
          const taskId = (extra.cws as { task?: string } | undefined)?.task;
          times.set(promptId, { url, promptId, taskId, acceptedMs: atMs, startedMs: NaN, finishedMs: NaN });
        }
        const known = times.get(promptId);
        if (known && event === 'started') known.startedMs = atMs;
        if (known && event === 'finished') known.finishedMs = atMs;
      }
    }
    return [...times.values()].filter(({ finishedMs }) => !Number.isNaN(finishedMs));
  }

  /** The next prompt cuts all sockets of its node, and none comes back from now on. */
  async cutSockets(urls: string[]): Promise<void> {
    for (const url of urls) {
      for (const fault of [
        { fault: 'refuse', times: 1_000_000, path: '/ws' },
        { fault: 'drop_socket', times: 1 },
      ])
        await fetch(`${url}/simulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
    }
  }

  /** Of these, how many have not cut theirs yet. */
  async countUncut(urls: string[]): Promise<number> {
    const armed = await Promise.all(urls.map(async (url) => (await fetch(`${url}/simulator/faults`)).text()));
    return armed.filter((faults) => faults.includes('drop_socket')).length;
  }

  async mendSockets(urls: string[]): Promise<void> {
    for (const url of urls) await fetch(`${url}/simulator/faults`, { method: 'DELETE' });
  }

  async stop(): Promise<void> {
    for (const child of this.children) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
  }

  /** Returns once nothing is queued or running on any of these. */
  async waitUntilIdle(urls: string[]): Promise<void> {
    const countLeft = async (url: string) => {
      const { exec_info: left } = (await (await fetch(`${url}/prompt`)).json()) as ExecInfo;
      return left.queue_remaining;
    };
    while ((await Promise.all(urls.map(countLeft))).some((left) => left > 0)) await delay(100);
  }

  private async startHost(count: number): Promise<void> {
    const child = spawn(process.execPath, ['dist/bench/dispatch/simulator-host.js', String(count)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.children.push(child);
    let written = '';
    for await (const text of child.stdout!) {
      written += String(text);
      if (written.endsWith('ready\n')) break;
    }
    if (!written.endsWith('ready\n')) throw new Error(`The simulated nodes did not start: ${written}`);
    this.urls.push(...written.trim().split('\n').slice(0, -1));
  }
}
