import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writePrivateFile } from '../src/config/index.js';
import { chooseFreePort } from './free-port.js';
import { LaunchError } from './launch-error.js';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.js';
import { endChild, spawnTied } from './tied-child.js';

export interface SimulatedNode {
  nodeId: string;
  name: string;
  port: number;
  process?: ProcessIdentity;
}

const PROGRAM = fileURLToPath(new URL('../simulators/comfyui/main.js', import.meta.url));
const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;
const RESTART_AFTER_MS = 1_000;

/** ComfyUI nodes that paint test pictures, as children of ours: for machines without a graphics card. */
export class SimulatedNodes {
  private readonly children = new Map<string, ChildProcess>();
  private stopping = false;

  private constructor(
    private readonly folder: string,
    readonly nodes: SimulatedNode[],
  ) {}

  /** How many an earlier start registered; they have rows in the database. */
  static countKnown(dataDir: string): number {
    return readKnown(folderOf(dataDir)).length;
  }

  /** Nodes keep their name, folder and, where it is free, their port over the starts. */
  static async start(dataDir: string, count: number): Promise<SimulatedNodes> {
    const folder = folderOf(dataDir);
    mkdirSync(folder, { recursive: true });
    const known = readKnown(folder);
    const nodes: SimulatedNode[] = [];
    for (let number = 1; number <= Math.max(count, known.length); number++) {
      const before = known[number - 1];
      await endOrphan(before?.process);
      const port = await chooseFreePort(before?.port);
      nodes.push({ nodeId: `simulator-${number}`, name: `Simulated node ${number}`, port });
    }
    const started = new SimulatedNodes(folder, nodes);
    nodes.forEach((node) => started.run(node));
    await Promise.all(nodes.map((node) => started.waitUntilReady(node))).catch(async (error: unknown) => {
      await started.stop();
      throw error;
    });
    return started;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.children.values()].map((child) => endChild(child, STOP_LIMIT_MS)));
  }

  private run(node: SimulatedNode): void {
    const child = spawnTied({
      command: process.execPath,
      arguments: [PROGRAM, '--port', `${node.port}`, '--name', node.name, '--data-dir', join(this.folder, node.nodeId)],
      logPath: this.logPath(node),
    });
    this.children.set(node.nodeId, child);
    node.process = identifyProcess(child.pid ?? 0);
    writePrivateFile(join(this.folder, 'nodes.json'), this.nodes);
    child.once('exit', () => {
      if (!this.stopping) setTimeout(() => !this.stopping && this.run(node), RESTART_AFTER_MS).unref();
    });
  }

  private async waitUntilReady(node: SimulatedNode): Promise<void> {
    const deadline = performance.now() + START_LIMIT_MS;
    while (!(await answers(node))) {
      if (performance.now() > deadline)
        throw new LaunchError(
          `${node.name} does not answer on 127.0.0.1:${node.port}; its log is ${this.logPath(node)}.`,
        );
      await delay(25);
    }
  }

  private logPath(node: SimulatedNode): string {
    return join(this.folder, `${node.nodeId}.log`);
  }
}

async function answers(node: SimulatedNode): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${node.port}/system_stats`)).ok;
  } catch {
    return false; // not yet
  }
}

function folderOf(dataDir: string): string {
  return resolve(dataDir, 'simulators');
}

function readKnown(folder: string): SimulatedNode[] {
  const path = join(folder, 'nodes.json');
  if (!existsSync(path)) return [];
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SimulatedNode[];
  } catch {
    return []; // damaged: the nodes get new ports
  }
}

/** Where the kernel does not end children of a killed launcher, the next start does. */
async function endOrphan(orphan: ProcessIdentity | undefined): Promise<void> {
  if (!isRunning(orphan)) return;
  process.kill(orphan!.pid, 'SIGTERM');
  const deadline = performance.now() + STOP_LIMIT_MS;
  while (isRunning(orphan) && performance.now() < deadline) await delay(25);
}
