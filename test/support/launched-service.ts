import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { waitFor } from './wait-for.js';

export interface Launched {
  process: ChildProcess;
  /** Everything it has written to the terminal so far. */
  output(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

/** Runs `npm start`, `npm run demo` or a command as people do, on a data folder of its own; built by `npm test`. */
export function launch(program: 'start' | 'demo' | 'cli', argv: string[], environment: NodeJS.ProcessEnv): Launched {
  if (!existsSync(`dist/launch/${program}.js`)) throw new Error('Not built yet: node scripts/prepare.mjs does it.');
  const child = spawn(process.execPath, [resolve('scripts/run.mjs'), program, ...argv], {
    env: { ...process.env, LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (written += String(text)));
  return {
    process: child,
    output: () => written,
    ended: new Promise((done) => child.once('close', (code, signal) => done(code ?? signal!))),
  };
}

/** Waits until `npm start` says that it runs, and gives its address. */
export async function waitUntilServing({ output, process: child }: Launched): Promise<string> {
  await waitFor(() => output().includes('Ctrl-C stops it.') || child.exitCode !== null, {
    timeoutMs: 60_000,
    what: 'the service to start',
  });
  const url = /runs at (\S+)/.exec(output())?.[1];
  if (!url) throw new Error(`The service did not start:\n${output()}`);
  return url;
}

/** Pids of processes that were started with this text in their command line (Linux). */
export function pidsWith(text: string, pids: number[]): number[] {
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false; // ended
    }
  });
}
