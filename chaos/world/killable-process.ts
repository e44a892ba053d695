import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { endChild, hasEnded, spawnTied } from '../../launch/tied-child.js';

export interface Program {
  name: string;
  arguments: string[];
  environment?: NodeJS.ProcessEnv;
  logPath: string;
  /** Answers once it works. */
  readyUrl: string;
}

const START_LIMIT_MS = 120_000;
const RESTART_AFTER_MS = 500;
const STOP_LIMIT_MS = 20_000;

/** A child that is killed, frozen and started anew by a script, and by itself where it ends unasked. */
export class KillableProcess {
  /** Times that it ended unasked. */
  deaths = 0;
  private child: ChildProcess | undefined;
  private isWanted = false;
  private isClosed = false;

  constructor(private readonly program: Program) {}

  /** Returns once it answers. */
  async start(): Promise<void> {
    if (this.isClosed) return;
    this.isWanted = true;
    this.spawn();
    const deadline = performance.now() + START_LIMIT_MS;
    while (this.isWanted && !(await isReady(this.program.readyUrl))) {
      if (performance.now() > deadline)
        throw new Error(`${this.program.name} does not start; its log is ${this.program.logPath}.`);
      await delay(100);
    }
  }

  /** By SIGKILL. */
  async kill(): Promise<void> {
    this.isWanted = false;
    const { child } = this;
    if (!child || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** In good order, by SIGTERM; a frozen one is woken for it. */
  async stop(): Promise<void> {
    this.isWanted = false;
    if (!this.child) return;
    const ended = endChild(this.child, STOP_LIMIT_MS);
    this.thaw();
    await ended;
  }

  /** The same for good: whoever wanted to start it again comes too late. */
  close(): Promise<void> {
    this.isClosed = true;
    return this.stop();
  }

  private spawn(): void {
    const { arguments: given, environment, logPath } = this.program;
    const child = spawnTied({
      command: process.execPath,
      arguments: given,
      environment: { ...CLEARED, PATH: process.env.PATH, ...environment },
      logPath,
    });
    this.child = child;
    child.once('exit', () => {
      if (!this.isWanted) return;
      this.deaths += 1;
      setTimeout(() => this.isWanted && this.child === child && this.spawn(), RESTART_AFTER_MS);
    });
  }
}

/** Settings of the caller's environment must not reach in. */
const CLEARED = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false; // not yet
  }
}
