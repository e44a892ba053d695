import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

export interface TiedChildOptions {
  command: string;
  arguments: string[];
  environment?: NodeJS.ProcessEnv;
  /** Both output streams are appended to this file. */
  logPath: string;
}

/**
 * Starts a process that does not outlive this one: on Linux the kernel sends it SIGTERM when this process is gone,
 * however it went. It has its own session, so that Ctrl-C in a terminal reaches us first and we close in order.
 */
export function spawnTied(options: TiedChildOptions): ChildProcess {
  mkdirSync(dirname(options.logPath), { recursive: true });
  const log = openSync(options.logPath, 'a', 0o600);
  const [command, before] = canTie()
    ? ['setpriv', ['--pdeathsig', 'TERM', options.command]]
    : [options.command, [] as string[]];
  try {
    const child = spawn(command, [...before, ...options.arguments], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...options.environment },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

let tie: boolean | undefined;

/** util-linux has the option, BusyBox's setpriv does not: the only sure way to know is to try. */
function canTie(): boolean {
  tie ??= process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0;
  return tie;
}

/** Sends SIGTERM and waits; after `graceMs` SIGKILL. */
export async function endChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.ref();
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(force);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
