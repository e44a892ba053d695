import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../src/config/index.js';
import { waitFor } from './wait-for.js';

/** The real program in a process of its own, which a test may kill. */
export class SeparateProcess {
  /** Undefined where it ended before it listened. */
  url: string | undefined;
  readonly ended: Promise<number | NodeJS.Signals>;
  private written = '';

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (this.written += String(text)));
    this.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal!)));
  }

  /** Runs `dist/src/main.js`, as `npm test` has built it, with these settings; returns once it listens or has ended. */
  static async start(settings: Settings): Promise<SeparateProcess> {
    if (!existsSync('dist/src/main.js')) throw new Error('Not built yet: node scripts/prepare.mjs does it.');
    mkdirSync(settings.dataDir, { recursive: true });
    const file = join(settings.dataDir, `settings-${performance.now()}.yaml`);
    // JSON is YAML; the names are those of the code, which the loader takes as they are.
    writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
    const child = spawn(process.execPath, ['dist/src/main.js'], {
      env: { PATH: process.env.PATH, CONFIG_FILE: file },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new SeparateProcess(child);
    await waitFor(() => /listening on \S+\n/.test(started.written) || started.hasEnded, {
      timeoutMs: 30_000,
      what: 'the program to listen',
    });
    started.url = /listening on (\S+)\n/.exec(started.written)?.[1];
    if (!started.url && child.signalCode === null) throw new Error(`The program did not start:\n${started.written}`);
    return started;
  }

  get output(): string {
    return this.written;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    if (!this.hasEnded) this.child.kill('SIGTERM');
    await this.ended;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
